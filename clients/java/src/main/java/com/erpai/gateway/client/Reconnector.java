package com.erpai.gateway.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tries to connect again soon while calls wait for a gateway. gRPC itself waits longer and longer, up to
 * two minutes, so that after an outage calls would run into their deadlines with the gateway long back.
 * Without waiting calls nothing is done.
 */
final class Reconnector implements ClientInterceptor {

  /** Between two tries, drawn at random so that a fleet of clients does not come back as one. */
  private static final int LEAST_PAUSE_MS = 200;

  private static final int MOST_PAUSE_MS = 600;

  private final ManagedChannel channel;
  private final AtomicInteger inProgress = new AtomicInteger();
  private final AtomicBoolean watching = new AtomicBoolean();

  Reconnector(ManagedChannel channel) {
    this.channel = channel;
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        // throws where no key can be had: then the call is not in progress, and is not closed either
        super.start(counted(listener), headers);
        inProgress.incrementAndGet();
        watch();
      }
    };
  }

  private <R> ClientCall.Listener<R> counted(ClientCall.Listener<R> listener) {
    return new SimpleForwardingClientCallListener<>(listener) {
      @Override
      public void onClose(Status status, Metadata trailers) {
        inProgress.decrementAndGet();
        super.onClose(status, trailers);
      }
    };
  }

  private void watch() {
    if (watching.compareAndSet(false, true)) {
      later(this::look);
    }
  }

  private void look() {
    watching.set(false);
    if (inProgress.get() == 0 || channel.isShutdown()) {
      return;
    }
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    watch();
  }

  private static void later(Runnable task) {
    int pause = ThreadLocalRandom.current().nextInt(LEAST_PAUSE_MS, MOST_PAUSE_MS);
    CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(task);
  }
}
