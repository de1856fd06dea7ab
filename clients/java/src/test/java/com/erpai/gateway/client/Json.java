package com.erpai.gateway.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, texts, doubles, booleans and null; messages as proto JSON. */
final class Json {

  private Json() {}

  static Object read(String text) {
    Value.Builder value = Value.newBuilder();
    merge(text, value);
    return plain(value.build());
  }

  static Map<String, Object> of(MessageOrBuilder message) {
    return map(read(write(message)));
  }

  /** The message that a piece of JSON stands for. */
  static <M extends Message> M message(Object json, M empty) {
    Message.Builder builder = empty.newBuilderForType();
    merge(write(json), builder);
    @SuppressWarnings("unchecked") // a message's builder builds that message
    M made = (M) builder.build();
    return made;
  }

  static String write(Object json) {
    return write(value(json));
  }

  @SuppressWarnings("unchecked") // JSON's keys are texts
  static Map<String, Object> map(Object json) {
    return json == null ? Map.of() : (Map<String, Object>) json;
  }

  static List<?> list(Object json) {
    return json == null ? List.of() : (List<?>) json;
  }

  private static String write(MessageOrBuilder message) {
    try {
      return JsonFormat.printer().print(message);
    } catch (InvalidProtocolBufferException wrong) {
      throw new UncheckedIOException(wrong);
    }
  }

  private static void merge(String text, Message.Builder into) {
    try {
      JsonFormat.parser().merge(text, into);
    } catch (InvalidProtocolBufferException wrong) {
      throw new UncheckedIOException(text, wrong);
    }
  }

  private static Object plain(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> {
        Map<String, Object> made = new LinkedHashMap<>();
        value.getStructValue().getFieldsMap().forEach((key, each) -> made.put(key, plain(each)));
        yield made;
      }
      case LIST_VALUE -> {
        List<Object> made = new ArrayList<>();
        value.getListValue().getValuesList().forEach(each -> made.add(plain(each)));
        yield made;
      }
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case STRING_VALUE -> value.getStringValue();
      default -> null;
    };
  }

  private static Value value(Object json) {
    Value.Builder made = Value.newBuilder();
    if (json instanceof Map<?, ?> map) {
      made.getStructValueBuilder();
      map.forEach(
          (key, each) -> made.getStructValueBuilder().putFields((String) key, value(each)));
    } else if (json instanceof List<?> list) {
      made.getListValueBuilder();
      list.forEach(each -> made.getListValueBuilder().addValues(value(each)));
    } else if (json instanceof String text) {
      made.setStringValue(text);
    } else if (json instanceof Double number) {
      made.setNumberValue(number);
    } else if (json instanceof Boolean truth) {
      made.setBoolValue(truth);
    } else {
      made.setNullValueValue(0);
    }
    return made.build();
  }
}
