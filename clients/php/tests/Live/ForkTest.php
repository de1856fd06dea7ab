<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\Client\Tests\Support\Process;

final class ForkTest extends LiveTestCase
{
    public function testAForkedChildIsToldInsteadOfHanging(): void
    {
        foreach (['before', 'after'] as $when) {
            $printed = self::forked($when, TransportKind::Grpc);
            self::assertStringContainsString('child: LogicException: this process is a fork', $printed);
            self::assertStringContainsString('parent: answered', $printed);
        }
    }

    public function testLeftToItselfTheClientOfAForkedChildGoesByHttp(): void
    {
        self::assertSame("child: answered\nparent: answered\n", self::forked('before', TransportKind::Auto));
    }

    public function testTheCurlTransportSurvivesForksEitherWay(): void
    {
        foreach (['before', 'after'] as $when) {
            self::assertSame("child: answered\nparent: answered\n", self::forked($when, TransportKind::Connect));
        }
    }

    private static function forked(string $when, TransportKind $way): string
    {
        $script = Paths::package() . '/tests/Support/fork.php';
        $command = [...Paths::php(), $script, $when, $way->name, self::$gateway->target, self::$gateway->httpUrl];
        return (new Process($command, self::$folder . '/fork.log'))->output();
    }
}
