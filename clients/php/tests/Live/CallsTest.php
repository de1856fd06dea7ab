<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\CallOptions;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Requests;
use Erpai\Gateway\V1\AnomalyKind;
use Erpai\Gateway\V1\AnswerBy;
use Erpai\Gateway\V1\AttemptOutcome;
use Erpai\Gateway\V1\FinishReason;
use Erpai\Gateway\V1\Rating;
use Erpai\Gateway\V1\Source;
use Erpai\Gateway\V1\SubmitFeedbackRequest;

final class CallsTest extends LiveTestCase
{
    /** @dataProvider ways */
    public function testAModelAnswersAndTheTrailSaysSo(TransportKind $way): void
    {
        self::$faults->script('main', 'ok-zh');
        $answer = self::client($way)->chat(Requests::chat(), new CallOptions(requestId: "calls-$way->name"));
        $info = $answer->getInfo();
        self::assertNotSame('', $answer->getText());
        self::assertSame(FinishReason::FINISH_REASON_STOP, $answer->getFinishReason());
        self::assertSame(Source::SOURCE_MODEL, $info->getSource());
        self::assertSame("calls-$way->name", $info->getRequestId());
        self::assertSame('main', $info->getDeployment());
        self::assertSame(AttemptOutcome::ATTEMPT_OUTCOME_OK, $info->getAttempts()[0]->getOutcome());
        self::assertSame(120, (int) $info->getUsage()->getInputTokens());
        self::assertNotNull($info->getAttempts()[0]->getLatency());
    }

    public function testTheThreeWaysGiveTheSameAnswerByteForByte(): void
    {
        foreach (['keywords', 'anomaly', 'chat'] as $call) {
            $texts = [];
            foreach (self::ways() as [$way]) {
                $client = self::client($way);
                $answer = match ($call) {
                    'chat' => $client->chat(Requests::chat(by: AnswerBy::ANSWER_BY_RULES_ONLY)),
                    'keywords' => $client->extractKeywords(Requests::keywords(AnswerBy::ANSWER_BY_RULES_ONLY)),
                    'anomaly' => $client->detectAnomaly(Requests::anomaly()),
                };
                self::assertSame(Source::SOURCE_RULES, $answer->getInfo()->getSource());
                $answer->clearInfo();
                $texts[] = $answer->serializeToJsonString();
            }
            self::assertGreaterThan(50, strlen($texts[0]));
            self::assertCount(1, array_unique($texts), "$call differs: " . implode("\n", $texts));
        }
    }

    /** @dataProvider ways */
    public function testKeywordsComeBestFirstAndWhatTheGuardRefusedIsTold(TransportKind $way): void
    {
        $proposals = ['keywords' => ['insulated steel bottle', 'hiking water bottle', 'nike shoes']];
        self::$faults->script('main', ['do' => 'ok-json', 'json' => $proposals]);
        $answer = self::client($way)->extractKeywords(Requests::keywords());
        $scores = array_map(static fn ($keyword) => $keyword->getScore(), iterator_to_array($answer->getKeywords()));
        self::assertCount(5, $scores);
        $sorted = $scores;
        rsort($sorted);
        self::assertSame($sorted, $scores);
        self::assertSame('nike shoes', $answer->getRejected()[0]->getText());
    }

    /** @dataProvider ways */
    public function testTheUnusualDayIsFoundWithItsBand(TransportKind $way): void
    {
        $answer = self::client($way)->detectAnomaly(Requests::anomaly());
        self::assertCount(1, $answer->getAnomalies());
        $found = $answer->getAnomalies()[0];
        self::assertSame(AnomalyKind::ANOMALY_KIND_SPIKE, $found->getKind());
        self::assertSame(1000.0, $found->getValue());
        self::assertGreaterThan(0, (int) $found->getTime()->getSeconds());
        self::assertGreaterThan(0, count($answer->getBand()));
    }

    /** @dataProvider ways */
    public function testFeedbackIsTakenOrRefusedByName(TransportKind $way): void
    {
        $feedback = (new SubmitFeedbackRequest())->setRequestId('never-made')->setRating(Rating::RATING_DOWN);
        try {
            self::assertFalse(self::client($way)->submitFeedback($feedback)->getMatched());
        } catch (GatewayException $error) {
            self::assertSame('UNIMPLEMENTED', $error->reason);
            self::assertSame('UNIMPLEMENTED', $error->status->canonicalName());
        }
    }
}
