package com.erpai.gateway.client;

import java.io.Serializable;

/**
 * One documented rule that a request broke.
 *
 * @param field path of the field, such as {@code messages[0].text}, or the name of a header
 * @param description what is wrong with it
 */
public record FieldViolation(String field, String description) implements Serializable {}
