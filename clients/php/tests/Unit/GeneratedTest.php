<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Unit;

use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\V1\Usage;
use PHPUnit\Framework\TestCase;

/** The generated classes that the package ships. */
final class GeneratedTest extends TestCase
{
    public function testTheyAreWhatTheProtosSay(): void
    {
        $folder = Paths::temporary();
        $script = escapeshellarg(Paths::package() . '/tools/generate.sh');
        exec("$script $folder/generated 2>&1", $told, $code);
        self::assertSame(0, $code, implode("\n", $told));
        exec('diff -r ' . escapeshellarg(Paths::package() . '/generated') . " $folder/generated", $differ);
        self::assertSame([], $differ, 'run clients/php/tools/generate.sh');
    }

    public function testNoFieldIsUnsigned64BitBecausePhpClampsThose(): void
    {
        foreach (glob(Paths::repository() . '/proto/gateway/v1/*.proto') as $file) {
            self::assertDoesNotMatchRegularExpression('/^\s*(repeated )?(uint64|fixed64)\s/m', (string) file_get_contents($file));
        }
    }

    public function testSigned64BitFieldsKeepTheirEnds(): void
    {
        foreach ([PHP_INT_MIN, -1, PHP_INT_MAX] as $number) {
            $usage = new Usage();
            $usage->mergeFromString((new Usage())->setCostUsdMicros($number)->serializeToString());
            self::assertSame($number, (int) $usage->getCostUsdMicros());
        }
    }
}
