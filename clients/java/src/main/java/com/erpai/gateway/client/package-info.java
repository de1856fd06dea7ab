/**
 * A thin client of the ERP AI Gateway: start at {@link com.erpai.gateway.client.GatewayClient#builder()}.
 *
 * <p>Requests and responses are the generated messages of {@code com.erpai.gateway.v1}; this package
 * adds the channel's settings, the headers, deadlines, streams that close themselves and typed errors.
 */
package com.erpai.gateway.client;
