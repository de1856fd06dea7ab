package com.erpai.gateway.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Begins calls: one channel and the settings of the calls that go over it. */
record Calls(Channel channel, CallSettings settings) {

  private static final Duration LONGEST = Duration.ofDays(100);

  Calls with(CallSettings others) {
    return new Calls(channel, others);
  }

  /** Makes a unary call and waits for it; no other thread takes part. */
  <Q, R> R await(MethodDescriptor<Q, R> method, Q request) {
    CallSettings mine = settings.identified();
    try {
      return ClientCalls.blockingUnaryCall(channel, method, options(method, mine), request);
    } catch (StatusRuntimeException failed) {
      throw GatewayException.of(failed, mine.requestId());
    }
  }

  /** A call yet to be started, with its id; its deadline runs from now. */
  <Q, R> OpenCall<Q, R> open(MethodDescriptor<Q, R> method) {
    CallSettings mine = settings.identified();
    return new OpenCall<>(channel.newCall(method, options(method, mine)), mine.requestId());
  }

  private static CallOptions options(MethodDescriptor<?, ?> method, CallSettings mine) {
    boolean streams = !method.getType().serverSendsOneMessage();
    Duration deadline = streams ? mine.streamDeadline() : mine.deadline();
    return CallOptions.DEFAULT
        .withOption(Headers.SETTINGS, mine)
        .withDeadlineAfter(nanos(deadline), TimeUnit.NANOSECONDS);
  }

  /** Times that mean "for ever" have more nanoseconds than a long holds. */
  private static long nanos(Duration deadline) {
    return (deadline.compareTo(LONGEST) < 0 ? deadline : LONGEST).toNanos();
  }

  /** A call and the id it is sent under. */
  record OpenCall<Q, R>(ClientCall<Q, R> call, String requestId) {}
}
