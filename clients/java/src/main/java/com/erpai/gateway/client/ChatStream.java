package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.StreamChatRequest;
import com.erpai.gateway.v1.StreamChatResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The events of a chat answer while it is being written, for one thread to read.
 *
 * <pre>{@code
 * try (ChatStream events = gateway.streamChat(request)) {
 *   ChatResponse answer = events.follow(text -> show(text));
 * }
 * }</pre>
 *
 * <p>Iteration ends after the {@code completed} event and never without it: an answer that breaks off
 * throws a {@link GatewayException} from {@link #hasNext()} or {@link #next()}. Closing the stream
 * before its end hangs up, and the gateway hangs up on the model. {@link #close()} alone may be called
 * from another thread.
 */
public final class ChatStream
    implements Iterator<StreamChatResponse>, Iterable<StreamChatResponse>, AutoCloseable {

  /** How the call ended, as the last thing in the queue. */
  private record End(Status status, Metadata trailers) {}

  // at most two events wait here: that many are asked for in advance
  private static final int AHEAD = 2;

  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private final ClientCall<StreamChatRequest, StreamChatResponse> call;
  private final String requestId;
  private StreamChatResponse next;
  private ChatResponse answer;
  private GatewayException failure;
  private volatile boolean whole;

  private ChatStream(Calls.OpenCall<StreamChatRequest, StreamChatResponse> open) {
    this.call = open.call();
    this.requestId = open.requestId();
  }

  static ChatStream begin(
      Calls.OpenCall<StreamChatRequest, StreamChatResponse> open, StreamChatRequest request) {
    ChatStream stream = new ChatStream(open);
    open.call().start(stream.new Listener(), new Metadata());
    open.call().request(AHEAD);
    open.call().sendMessage(request);
    open.call().halfClose();
    return stream;
  }

  /**
   * The id of the call, known before anything has come.
   *
   * @return as it was sent
   */
  public String requestId() {
    return requestId;
  }

  /**
   * Waits for the next event or the end.
   *
   * @return false after {@code completed}
   * @throws GatewayException if the answer broke off
   */
  @Override
  public boolean hasNext() {
    if (next == null && answer == null) {
      advance();
    }
    return next != null;
  }

  /**
   * Waits for the next event.
   *
   * @return the event
   * @throws GatewayException if the answer broke off
   * @throws NoSuchElementException after {@code completed}
   */
  @Override
  public StreamChatResponse next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the answer is complete");
    }
    StreamChatResponse event = next;
    next = null;
    return event;
  }

  /**
   * This stream, for a for-each loop; it can be gone through once.
   *
   * @return this
   */
  @Override
  public Iterator<StreamChatResponse> iterator() {
    return this;
  }

  /**
   * Reads what is left and returns the whole answer.
   *
   * @return the authoritative answer
   * @throws GatewayException if the answer broke off
   */
  public ChatResponse answer() {
    while (hasNext()) {
      next();
    }
    return answer;
  }

  /**
   * Reads to the end and tells what to show meanwhile. When another model begins anew
   * ({@code restarted}), the text becomes empty again; in the end it is the authoritative one.
   *
   * @param show gets, at each change, the whole text that is to be seen now
   * @return the authoritative answer
   * @throws GatewayException if the answer broke off
   */
  public ChatResponse follow(Consumer<String> show) {
    StringBuilder text = new StringBuilder();
    while (hasNext()) {
      if (changed(text, next())) {
        show.accept(text.toString());
      }
    }
    return answer;
  }

  /** Hangs up if the answer is not complete; does nothing otherwise. */
  @Override
  public void close() {
    if (!whole) {
      call.cancel("the stream was closed by its reader", null);
    }
  }

  private static boolean changed(StringBuilder text, StreamChatResponse event) {
    switch (event.getEventCase()) {
      case DELTA -> text.append(event.getDelta().getText());
      case RESTARTED -> text.setLength(0);
      case COMPLETED -> {
        boolean same = event.getCompleted().getText().contentEquals(text);
        text.replace(0, text.length(), event.getCompleted().getText());
        return !same;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void advance() {
    if (failure != null) {
      throw failure;
    }
    Object came = take();
    if (came instanceof StreamChatResponse event) {
      call.request(1);
      next = event;
      if (event.hasCompleted()) {
        answer = event.getCompleted();
        whole = true;
      }
    } else {
      failure = failed((End) came);
      throw failure;
    }
  }

  private GatewayException failed(End end) {
    if (end.status().isOk()) {
      return ErrorDetails.incomplete(requestId);
    }
    return GatewayException.of(end.status().asRuntimeException(end.trailers()), requestId);
  }

  private Object take() {
    try {
      return arrived.take();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      call.cancel("the reading thread was interrupted", interrupted);
      failure = ErrorDetails.interrupted(requestId, interrupted);
      throw failure;
    }
  }

  private final class Listener extends ClientCall.Listener<StreamChatResponse> {
    @Override
    public void onMessage(StreamChatResponse event) {
      arrived.add(event);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      arrived.add(new End(status, trailers));
    }
  }
}
