<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client\Tests\Live;

use Erpai\Gateway\Client\TransportKind;
use Erpai\Gateway\Client\Tests\Support\LiveTestCase;
use Erpai\Gateway\Client\Tests\Support\Paths;
use Erpai\Gateway\Client\Tests\Support\Process;

/** The examples, and the READMEs' commands, as a new user runs them. */
final class ExamplesTest extends LiveTestCase
{
    private const SHOWS = [
        'chat' => '/^-- SOURCE_\w+.* request [0-9a-f]{32}/m',
        'stream_chat' => '/^-- SOURCE_\w+, over /m',
        'extract_keywords' => '/^search terms: \w+/m',
        'detect_anomaly' => '/^2026-04-04  ANOMALY_KIND_SPIKE  1000 instead of /m',
        'submit_feedback' => '/^(kept|this gateway does not take feedback yet)/m',
    ];

    /** @dataProvider ways */
    public function testEachExampleShowsWhatItIsAbout(TransportKind $way): void
    {
        foreach (self::SHOWS as $name => $pattern) {
            $command = [...Paths::php(), Paths::package() . "/examples/$name.php"];
            self::assertMatchesRegularExpression($pattern, $this->printed($command, ['ERP_GATEWAY_WAY' => $way->name]));
        }
    }

    public function testPlainJsonNeedsNoPackage(): void
    {
        $printed = $this->printed([PHP_BINARY, Paths::package() . '/examples/plain_json.php'], []);
        self::assertMatchesRegularExpression('/^-- SOURCE_\w+/m', $printed);
    }

    /** @dataProvider readmes */
    public function testTheCommandsOfTheReadmeLeadFromAnEmptyFolderToAnAnswer(string $readme): void
    {
        $text = (string) file_get_contents(Paths::package() . "/$readme");
        self::assertSame(1, preg_match('/<!-- five commands -->\s+```bash\n(.+?)```/s', $text, $match));
        $commands = array_values(array_filter(explode("\n", $match[1])));
        self::assertLessThanOrEqual(5, count($commands));
        $script = 'set -e; cd ' . Paths::temporary() . "\n" . strtr($match[1], [
            '/path/to/erp-ai-gateway' => Paths::repository(),
            "apt-get install" => 'true apt-get install', // installed already, see tools/install-debian.sh
            'php vendor' => implode(' ', array_map(escapeshellarg(...), Paths::php())) . ' vendor',
        ]);
        $printed = $this->printed(['bash', '-c', $script], []);
        self::assertMatchesRegularExpression(self::SHOWS['chat'], $printed);
    }

    /** @dataProvider readmes */
    public function testTheProgramOfTheReadmeRuns(string $readme): void
    {
        $text = (string) file_get_contents(Paths::package() . "/$readme");
        self::assertSame(1, preg_match('/```php\n(.+?)```/s', $text, $match));
        $program = strtr($match[1], [
            'ai.internal:50051' => self::$gateway->target,
            'http://ai.internal:50080' => self::$gateway->httpUrl,
        ]);
        $file = Paths::temporary() . '/program.php';
        $autoload = Paths::package() . '/vendor/autoload.php';
        file_put_contents($file, "<?php\nrequire '$autoload';\n\$id = uniqid();\n$program");
        self::assertNotSame('', $this->printed([...Paths::php(), $file], []));
    }

    /** @return list<array{string}> */
    public static function readmes(): array
    {
        return [['README.md'], ['README.zh-CN.md']];
    }

    /**
     * @param list<string> $command
     * @param array<string, string> $env
     */
    private function printed(array $command, array $env): string
    {
        $env += ['ERP_GATEWAY_GRPC' => self::$gateway->target, 'COMPOSER_ALLOW_SUPERUSER' => '1'];
        $env += ['ERP_GATEWAY_HTTP' => self::$gateway->httpUrl];
        self::$faults->script('main', 'ok');
        return (new Process($command, self::$folder . '/examples.log', $env))->output();
    }
}
