<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\Eventually;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnswerBy;
use Erpai\Gateway\V1\Source;
use Erpai\Gateway\V1\StreamChatResponse;

final class StreamTest extends LiveTestCase
{
    /** @dataProvider ways */
    public function testEventsComeInOrderAndTheDeltasMakeUpTheAnswer(TransportKind $way): void
    {
        self::$faults->script('main', 'ok-zh+pace-0.01');
        $stream = self::client($way)->streamChat(Requests::chat());
        [$names, $text] = [[], ''];
        foreach ($stream as $event) {
            $names[] = $event->getEvent();
            $text .= $event->getDelta()?->getText() ?? '';
        }
        self::assertSame('started', $names[0]);
        self::assertSame('completed', end($names));
        self::assertGreaterThan(2, count(array_keys($names, 'delta')));
        self::assertSame($stream->answer()->getText(), $text);
    }

    /** @dataProvider ways */
    public function testAModelCutInTheMiddleMeansRestarted(TransportKind $way): void
    {
        self::$faults->script('main', 'cut-40');
        self::$faults->script('spare', 'ok');
        $stream = self::client($way)->streamChat(Requests::chat());
        $names = array_map(
            static fn (StreamChatResponse $event): string => $event->getEvent(),
            iterator_to_array($stream, false),
        );
        self::assertContains('restarted', $names);
        self::assertSame('spare', $stream->answer()->getInfo()->getDeployment());
        self::assertTrue($stream->answer()->getInfo()->getDegraded());
    }

    /** @dataProvider ways */
    public function testTheRulesStreamToo(TransportKind $way): void
    {
        $answer = self::client($way)->streamChat(Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY))->answer();
        self::assertSame(Source::SOURCE_RULES, $answer->getInfo()->getSource());
    }

    /** @dataProvider ways */
    public function testCancellingClosesTheConnectionToTheModel(TransportKind $way): void
    {
        self::$faults->script('main', 'endless+pace-0.02');
        $stream = self::client($way)->streamChat(Requests::chat());
        foreach ($stream as $event) {
            if ($event->getEvent() === 'delta') {
                $stream->cancel();
            }
        }
        Eventually::holds(static fn (): bool => self::$faults->hungUp('main'));
        self::assertCount(1, self::$faults->calls('main'));
        $this->expectException(\LogicException::class);
        $stream->answer();
    }

    /** @dataProvider ways */
    public function testLeavingTheLoopAndDroppingTheStreamClosesTheConnectionToTheModel(TransportKind $way): void
    {
        self::$faults->script('main', 'endless+pace-0.02');
        foreach (self::client($way)->streamChat(Requests::chat()) as $event) {
            if ($event->getEvent() === 'delta') {
                break;
            }
        }
        Eventually::holds(static fn (): bool => self::$faults->hungUp('main'));
        self::assertCount(1, self::$faults->calls('main'));
    }

    /** @dataProvider ways */
    public function testAStreamThatNoModelCanAnswerFailsWithItsReason(TransportKind $way): void
    {
        self::$faults->script('main', 'status-500');
        self::$faults->script('spare', 'status-500');
        $stream = self::client($way)->streamChat(Requests::chat(by: AnswerBy::ANSWER_BY_MODEL_ONLY));
        try {
            $stream->answer();
            self::fail('there was no model');
        } catch (GatewayException $error) {
            self::assertSame('ALL_MODELS_FAILED', $error->reason);
        }
    }
}
