<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\CallOptions;
use Erpai\Gateway\Client\Exception\ContentFilteredException;
use Erpai\Gateway\Client\Exception\ContextTooLongException;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\Exception\GatewayUnavailableException;
use Erpai\Gateway\Client\Exception\InvalidRequestException;
use Erpai\Gateway\Client\Exception\NotFoundException;
use Erpai\Gateway\Client\FieldViolation;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnswerBy;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\ExtractKeywordsRequest;

/** Every reason that a live gateway can be brought to give; DRAINING, OVERLOADED and the rest: FakeServerTest. */
final class ErrorsTest extends LiveTestCase
{
    /** @dataProvider ways */
    public function testAllBrokenRulesAreToldAtOnceByField(TransportKind $way): void
    {
        $call = static fn () => self::client($way)->extractKeywords((new ExtractKeywordsRequest())->setMaxKeywords(99));
        $error = self::failure($call);
        self::assertInstanceOf(InvalidRequestException::class, $error);
        self::assertSame('INVALID_REQUEST', $error->reason);
        $fields = array_map(static fn (FieldViolation $violation): string => $violation->field, $error->violations);
        self::assertContains('max_keywords', $fields);
        self::assertGreaterThan(1, count($fields));
        self::assertStringContainsString('max_keywords', $error->getMessage());
    }

    /** @dataProvider ways */
    public function testTheErrorNamesTheRequest(TransportKind $way): void
    {
        $call = new CallOptions(requestId: "err-$way->name");
        $error = self::failure(static fn () => self::client($way)->chat(new ChatRequest(), $call));
        self::assertSame("err-$way->name", $error->requestId);
    }

    /** @dataProvider ways */
    public function testModelsThatAllFailAreNotAskedAgainByTheClient(TransportKind $way): void
    {
        self::$faults->script('main', 'status-400');
        self::$faults->script('spare', 'status-400');
        $request = Requests::chat(by: AnswerBy::ANSWER_BY_MODEL_ONLY);
        $error = self::failure(static fn () => self::client($way)->chat($request));
        self::assertInstanceOf(GatewayUnavailableException::class, $error);
        self::assertSame('ALL_MODELS_FAILED', $error->reason);
        self::assertNotSame('', $error->metadata['attempts']);
        self::assertCount(1, self::$faults->calls('main'));
    }

    /** @dataProvider ways */
    public function testRefusedContentIsAnExceptionOfItsOwn(TransportKind $way): void
    {
        self::$faults->script('main', 'content-filter');
        $error = self::failure(static fn () => self::client($way)->chat(Requests::chat()));
        self::assertInstanceOf(ContentFilteredException::class, $error);
        self::assertSame('main', $error->metadata['deployment']);
    }

    /** @dataProvider ways */
    public function testARequestTooLongForAllModelsIsAnExceptionOfItsOwn(TransportKind $way): void
    {
        self::$faults->script('main', 'context');
        self::$faults->script('spare', 'context');
        $request = Requests::chat(by: AnswerBy::ANSWER_BY_MODEL_ONLY);
        $error = self::failure(static fn () => self::client($way)->chat($request));
        self::assertInstanceOf(ContextTooLongException::class, $error);
        self::assertSame('CONTEXT_TOO_LONG', $error->reason);
    }

    /** @dataProvider ways */
    public function testAnUnknownKnowledgeBaseIsNotFound(TransportKind $way): void
    {
        $request = Requests::chat()->setKnowledgeBase('no-such');
        $error = self::failure(static fn () => self::client($way)->chat($request));
        self::assertInstanceOf(NotFoundException::class, $error);
        self::assertSame('NOT_FOUND', $error->reason);
    }

    /** @param callable(): mixed $call */
    private static function failure(callable $call): GatewayException
    {
        try {
            $call();
        } catch (GatewayException $error) {
            return $error;
        }
        self::fail('the call did not fail');
    }
}
