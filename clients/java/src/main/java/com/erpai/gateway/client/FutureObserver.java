package com.erpai.gateway.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Makes a future of a call: done once the call has ended well, cancelling the call if it is ended before. */
final class FutureObserver<M, R> implements StreamObserver<M> {

  private final CompletableFuture<R> future = new CompletableFuture<>();
  private final String requestId;
  private final Function<M, R> result;
  private R last;
  private volatile boolean over;

  /** {@code result} makes the result of each message, or null where it is none; the last one counts. */
  FutureObserver(Calls.OpenCall<?, M> open, Function<M, R> result) {
    this.requestId = open.requestId();
    this.result = result;
    // cancel(), orTimeout(), complete(): whoever ends the future early ends the call. Not after its end:
    // a quick answer can come before the sender has closed its side, which then fails on a cancelled call
    future.whenComplete(
        (value, error) -> {
          if (!over) {
            open.call().cancel("no longer wanted", error);
          }
        });
  }

  CompletableFuture<R> future() {
    return future;
  }

  @Override
  public void onNext(M message) {
    try {
      R made = result.apply(message);
      last = made == null ? last : made;
    } catch (RuntimeException | Error fromTheCallersOwnCode) {
      future.completeExceptionally(fromTheCallersOwnCode);
    }
  }

  @Override
  public void onError(Throwable error) {
    over = true;
    StatusRuntimeException failed =
        error instanceof StatusRuntimeException known
            ? known
            : Status.fromThrowable(error).asRuntimeException();
    future.completeExceptionally(GatewayException.of(failed, requestId));
  }

  @Override
  public void onCompleted() {
    over = true;
    if (last == null) {
      future.completeExceptionally(ErrorDetails.incomplete(requestId));
    } else {
      future.complete(last);
    }
  }
}
