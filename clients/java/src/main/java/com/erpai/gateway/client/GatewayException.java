package com.erpai.gateway.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call failed. Catch a subclass for what the program can do something about, this class for the rest.
 *
 * <pre>
 * GatewayException
 * ├ InvalidRequestException        the request breaks a documented rule, see {@link #fieldViolations()}
 * │ ├ ContentFilteredException     a provider refused the content on its policy
 * │ └ ContextTooLongException      no model can hold the request: shorten it
 * ├ UnauthenticatedException       no, unknown or expired key
 * ├ PermissionDeniedException      the key may not do this
 * ├ QuotaExhaustedException        the tenant's limit is used up, see {@link #retryDelay()}
 * ├ NotFoundException              no such conversation or knowledge base
 * ├ GatewayUnavailableException    nothing could answer, or no gateway could be reached
 * ├ DeadlineExceededException      the time is over
 * └ CallCancelledException         the call was cancelled by this side
 * </pre>
 */
public class GatewayException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorDetails details;

  GatewayException(ErrorDetails details, Throwable cause) {
    super(details.message(), cause);
    this.details = details;
  }

  /** The exception for a status as it came; {@code sentId} is the request id that was sent. */
  static GatewayException of(StatusRuntimeException failed, String sentId) {
    ErrorDetails details = ErrorDetails.read(failed.getStatus(), failed.getTrailers(), sentId);
    // not `failed` itself: it cannot be serialized, and says nothing that is not in the details
    return of(details, failed.getStatus().getCause());
  }

  static GatewayException of(ErrorDetails details, Throwable cause) {
    return switch (details.code()) {
      case INVALID_ARGUMENT -> invalid(details, cause);
      case UNAUTHENTICATED -> new UnauthenticatedException(details, cause);
      case PERMISSION_DENIED -> new PermissionDeniedException(details, cause);
      case NOT_FOUND -> new NotFoundException(details, cause);
      case UNAVAILABLE -> new GatewayUnavailableException(details, cause);
      case DEADLINE_EXCEEDED -> new DeadlineExceededException(details, cause);
      case CANCELLED -> new CallCancelledException(details, cause);
      // without the reason a message was too large for one side
      case RESOURCE_EXHAUSTED ->
          details.reason().equals("QUOTA_EXHAUSTED")
              ? new QuotaExhaustedException(details, cause)
              : new GatewayException(details, cause);
      default -> new GatewayException(details, cause);
    };
  }

  private static GatewayException invalid(ErrorDetails details, Throwable cause) {
    return switch (details.reason()) {
      case "CONTENT_FILTERED" -> new ContentFilteredException(details, cause);
      case "CONTEXT_TOO_LONG" -> new ContextTooLongException(details, cause);
      default -> new InvalidRequestException(details, cause);
    };
  }

  /**
   * The canonical code.
   *
   * @return never OK
   */
  public Status.Code code() {
    return details.code();
  }

  /**
   * The stable label of the error ({@code ErrorInfo.reason}), such as {@code ALL_MODELS_FAILED}.
   *
   * @return empty when the gateway itself said nothing: no connection, this side's own deadline
   */
  public String reason() {
    return details.reason();
  }

  /**
   * Everything dynamic about the error ({@code ErrorInfo.metadata}), such as {@code attempts}.
   *
   * @return by name; may be empty
   */
  public Map<String, String> metadata() {
    return details.metadata();
  }

  /**
   * How long to wait before trying again ({@code RetryInfo}).
   *
   * @return empty when the gateway did not say
   */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(details.retryDelay());
  }

  /**
   * The rules that the request broke ({@code BadRequest}), at most 20.
   *
   * @return empty unless the reason is {@code INVALID_REQUEST}
   */
  public List<FieldViolation> fieldViolations() {
    return details.fieldViolations();
  }

  /**
   * The id of the call, under which the gateway's log knows it.
   *
   * @return as sent, never empty
   */
  public String requestId() {
    return details.requestId();
  }
}
