<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\ClientOptions;
use Erpai\Gateway\Client\Exception\GatewayException;
use Erpai\Gateway\Client\GatewayClient;
use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Utf8;
use Erpai\Gateway\V1\ChatMessage;
use Erpai\Gateway\V1\ChatRequest;
use Erpai\Gateway\V1\DetectAnomalyRequest;
use Erpai\Gateway\V1\ExtractKeywordsRequest;
use Erpai\Gateway\V1\Listing;
use Erpai\Gateway\V1\RequestOptions;
use Erpai\Gateway\V1\Series;
use PHPUnit\Framework\TestCase;

/** ERP systems hold text in GBK and Latin-1 too. */
final class Utf8Test extends TestCase
{
    private const GBK = "\xbf\xec\xb5\xdd"; // 快递

    /** @return array<string, array{callable(string): mixed, string}> */
    public static function requests(): array
    {
        $listing = static fn (Listing $listing) => (new ExtractKeywordsRequest())->setListing($listing);
        $message = static fn (string $text) => (new ChatMessage())->setText($text);
        return [
            'in a list of messages' => [
                static fn (string $text) => (new ChatRequest())->setMessages([$message('fine'), $message($text)]),
                'messages[1].text',
            ],
            'in a list of texts' => [
                static fn (string $text) => $listing((new Listing())->setBulletPoints(['快递', $text])),
                'listing.bullet_points[1]',
            ],
            "as a map's value" => [
                static fn (string $text) => $listing((new Listing())->setAttributes(['颜色' => $text])),
                'listing.attributes[颜色]',
            ],
            "as a map's key" => [
                static fn (string $text) => (new ChatRequest())->setOptions((new RequestOptions())->setLabels([$text => 'x'])),
                'options.labels (a key)',
            ],
            'deep down' => [
                static fn (string $text) => (new DetectAnomalyRequest())->setSeries((new Series())->setUnit($text)),
                'series.unit',
            ],
        ];
    }

    /** @dataProvider requests */
    public function testTextThatIsNotUtf8IsRefused(callable $make, string $field): void
    {
        try {
            $request = $make(self::GBK); // messages in PHP refuse here
            Utf8::check($request, $request->serializeToString());
        } catch (\Exception $error) {
            $expected = extension_loaded('protobuf') ? "$field is not UTF-8" : 'Expect utf-8 encoding';
            self::assertStringContainsString($expected, $error->getMessage());
            return;
        }
        self::fail('bytes that are no text got through');
    }

    /** @dataProvider requests */
    public function testTextInAnyScriptIsNot(callable $make): void
    {
        $request = $make('快递 – naïve 🚚');
        Utf8::check($request, $request->serializeToString());
        self::assertStringContainsString('🚚', $request->serializeToString());
    }

    /** @dataProvider ways */
    public function testNothingIsSent(TransportKind $way): void
    {
        // Nobody listens there: a call that is sent ends as a GatewayException.
        $options = new ClientOptions('127.0.0.1:1', 'http://127.0.0.1:1', deadlineS: 0.2, transport: $way);
        try {
            $message = (new ChatMessage())->setText(self::GBK);
            $request = (new ChatRequest())->setMessages([$message]);
            (new GatewayClient($options))->chat($request);
        } catch (\Exception $error) {
            self::assertNotInstanceOf(GatewayException::class, $error);
            return;
        }
        self::fail('bytes that are no text were sent');
    }

    /** @return list<array{TransportKind}> */
    public static function ways(): array
    {
        return [[TransportKind::Grpc], [TransportKind::Connect], [TransportKind::ConnectJson]];
    }
}
