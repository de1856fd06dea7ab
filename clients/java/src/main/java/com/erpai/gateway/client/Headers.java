package com.erpai.gateway.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.function.Supplier;

/** Adds to every call who calls: key, ERP version, request id, trace. */
final class Headers implements ClientInterceptor {

  /** The settings of a call; calls made through generated stubs have none. */
  static final CallOptions.Key<CallSettings> SETTINGS = CallOptions.Key.create("erp-gateway-call");

  private static final CallSettings NONE = new CallSettings(null, null, null, null);
  private static final Metadata.Key<String> AUTHORIZATION = key("authorization");
  private static final Metadata.Key<String> ERP_VERSION = key("x-erp-version");
  private static final Metadata.Key<String> REQUEST_ID = key("x-request-id");
  private static final Metadata.Key<String> TRACE_PARENT = key("traceparent");

  private final Supplier<String> apiKey;
  private final String erpVersion;

  Headers(Supplier<String> apiKey, String erpVersion) {
    this.apiKey = apiKey;
    this.erpVersion = erpVersion;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    CallSettings given = options.getOption(SETTINGS);
    CallSettings settings = (given == null ? NONE : given).identified();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        addTo(headers, settings);
        super.start(listener, headers);
      }
    };
  }

  private void addTo(Metadata headers, CallSettings settings) {
    String secret = apiKey == null ? null : apiKey.get();
    if (secret != null && !secret.isEmpty()) {
      Checks.printable("API key", secret);
      put(headers, AUTHORIZATION, "Bearer " + secret);
    }
    put(headers, ERP_VERSION, erpVersion);
    put(headers, REQUEST_ID, settings.requestId());
    put(headers, TRACE_PARENT, settings.traceParent());
  }

  private static void put(Metadata headers, Metadata.Key<String> key, String value) {
    if (value != null && !headers.containsKey(key)) {
      headers.put(key, value);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
