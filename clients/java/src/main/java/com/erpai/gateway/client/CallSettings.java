package com.erpai.gateway.client;

import java.time.Duration;
import java.util.UUID;

/** What differs from call to call; null means not given. */
record CallSettings(
    Duration deadline, Duration streamDeadline, String requestId, String traceParent) {

  CallSettings withDeadline(Duration value) {
    Checks.positive("deadline", value);
    return new CallSettings(value, value, requestId, traceParent);
  }

  CallSettings withRequestId(String value) {
    Checks.printable("request id", value);
    return new CallSettings(deadline, streamDeadline, value, traceParent);
  }

  CallSettings withTraceParent(String value) {
    Checks.printable("traceparent", value);
    return new CallSettings(deadline, streamDeadline, requestId, value);
  }

  /** These settings with an id: the caller's, or a new one. */
  CallSettings identified() {
    return requestId != null ? this : withRequestId(UUID.randomUUID().toString());
  }
}
