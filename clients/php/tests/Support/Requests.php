<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Support;

use Erpai\Gateway\V1\AnswerBy;
use Erpai\Gateway\V1\ChatMessage;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\DetectAnomalyRequest;
use Erpai\Gateway\V1\ExtractKeywordsRequest;
use Erpai\Gateway\V1\Interval;
use Erpai\Gateway\V1\Listing;
use Erpai\Gateway\V1\Point;
use Erpai\Gateway\V1\RequestOptions;
use Erpai\Gateway\V1\Role;
use Erpai\Gateway\V1\Series;
use Google\Protobuf\Timestamp;

/** Requests that the tests share. */
final class Requests
{
    private const DAY_S = 86_400;

    public static function chat(string $text = 'How long does delivery to Germany take?', int $by = AnswerBy::ANSWER_BY_ANY): ChatRequest
    {
        $message = (new ChatMessage())->setRole(Role::ROLE_USER)->setText($text);
        return (new ChatRequest())->setMessages([$message])->setOptions((new RequestOptions())->setAnswerBy($by));
    }

    public static function keywords(int $by = AnswerBy::ANSWER_BY_ANY): ExtractKeywordsRequest
    {
        $listing = (new Listing())
            ->setTitle('Stainless Steel Water Bottle with Straw Lid, 32 oz, Leak Proof, for Hiking')
            ->setBulletPoints(['Keeps cold 24 hours', 'Fits most car cup holders'])
            ->setAttributes(['color' => 'midnight blue', '颜色' => '蓝色']);
        return (new ExtractKeywordsRequest())->setListing($listing)->setOptions((new RequestOptions())->setAnswerBy($by));
    }

    /** Ninety days with a weekly rhythm, the last of them ten times too high. */
    public static function anomaly(int $by = AnswerBy::ANSWER_BY_RULES_ONLY): DetectAnomalyRequest
    {
        $start = intdiv(1_700_000_000, self::DAY_S) * self::DAY_S;
        $points = [];
        for ($day = 0; $day < 90; $day++) {
            $value = $day === 89 ? 1000.0 : 100.0 + ($day % 7) * 10;
            $time = (new Timestamp())->setSeconds($start + $day * self::DAY_S);
            $points[] = (new Point())->setTime($time)->setValue($value);
        }
        $series = (new Series())->setSeriesId('s')->setPoints($points)->setUnit('pcs')->setInterval(Interval::INTERVAL_DAY);
        return (new DetectAnomalyRequest())->setSeries($series)->setReturnBand(true)
            ->setOptions((new RequestOptions())->setAnswerBy($by));
    }
}
