package com.erpai.gateway.client;

import com.erpai.gateway.v1.ChatResponse;
import com.erpai.gateway.v1.StreamChatResponse;
import java.util.function.Consumer;
import java.util.function.Function;

/** Hands each event on, and picks out the whole answer. */
record WholeAnswer(Consumer<StreamChatResponse> onEvent)
    implements Function<StreamChatResponse, ChatResponse> {

  @Override
  public ChatResponse apply(StreamChatResponse event) {
    onEvent.accept(event);
    return event.hasCompleted() ? event.getCompleted() : null;
  }
}
