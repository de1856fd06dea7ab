<?php

declare(strict_types=1);

// A server that speaks the Connect protocol badly on purpose. The x-request-id says how it behaves; each
// request is written to its log as a line of JSON. Usage: php fake_connect_server.php LOGFILE

$server = stream_socket_server('tcp://127.0.0.1:0');
echo 'fake on http://', stream_socket_get_name($server, false), "\n";
$tries = [];
while ($connection = @stream_socket_accept($server, -1)) {
    $head = '';
    while (!str_ends_with($head, "\r\n\r\n") && ($line = fgets($connection)) !== false) {
        $head .= $line;
    }
    preg_match('/^content-length: (\d+)/im', $head, $length);
    $body = ($length[1] ?? 0) > 0 ? stream_get_contents($connection, (int) $length[1]) : '';
    preg_match('/^x-request-id: (\S+)/im', $head, $id);
    $name = $id[1] ?? '';
    $tries[$name] = ($tries[$name] ?? 0) + 1;
    file_put_contents($argv[1], json_encode(['head' => $head, 'body' => base64_encode($body)]) . "\n", FILE_APPEND);
    $reply = behave($name, $tries[$name]);
    if ($reply === null) {
        $held[] = $connection; // silence
        continue;
    }
    fwrite($connection, $reply);
    fclose($connection);
}

function behave(string $name, int $try): ?string
{
    $error = static fn (string $code, string $details = '', string $headers = ''): string => http(
        '503 X',
        'application/json',
        "{\"code\":\"$code\",\"message\":\"told so\",\"details\":[$details]}",
        $headers,
    );
    $draining = '{"type":"google.rpc.ErrorInfo","value":"' . detail("\x0a\x08DRAINING\x12\x0dgateway.erpai") . '"},'
        . '{"type":"google.rpc.RetryInfo","value":"' . detail("\x0a\x05\x10\x80\xad\xe2\x04") . '"}';
    $starting = '{"type":"google.rpc.ErrorInfo","value":"' . detail("\x0a\x08STARTING\x12\x0dgateway.erpai") . '"},'
        . '{"type":"google.rpc.RetryInfo","value":"' . detail("\x0a\x05\x10\x80\xad\xe2\x04") . '"}';
    $overloaded = '{"type":"google.rpc.ErrorInfo","value":"' . detail("\x0a\x0aOVERLOADED") . '"},'
        . '{"type":"google.rpc.RetryInfo","value":"' . detail("\x0a\x05\x10\x80\xad\xe2\x04") . '"}';
    $delta = envelope(0, "\x12\x04\x0a\x02hi"); // StreamChatResponse{delta{text: "hi"}}
    $completed = envelope(0, "\x2a\x04\x0a\x02hi"); // StreamChatResponse{completed{text: "hi"}}
    $stream = static fn (string $body): string => http('200 OK', 'application/connect+proto', $body);
    return match ($name) {
        'silent' => null,
        'reset' => '',
        'reset-once' => $try === 1 ? '' : http('200 OK', 'application/proto', "\x0a\x02hi"),
        'draining-twice' => $try <= 2 ? $error('unavailable', $draining) : http('200 OK', 'application/proto', "\x0a\x02hi"),
        'draining-nine-times' => $try <= 9 ? $error('unavailable', $draining) : http('200 OK', 'application/proto', "\x0a\x02hi"),
        'starting-nine-times' => $try <= 9 ? $error('unavailable', $starting) : http('200 OK', 'application/proto', "\x0a\x02hi"),
        'overloaded' => $error('unavailable', $overloaded),
        'never-again' => $error('unavailable', '', "trailer-grpc-retry-pushback-ms: -1\r\n"),
        'odd-details' => $error('unauthenticated', '{"type":"google.rpc.ErrorInfo","value":"####"},{"type":7},"x"'),
        'proxy-502' => http('502 Bad Gateway', 'text/html', '<html>'),
        'proxy-404' => http('404 Not Found', 'text/html', '<html>'),
        'web-page' => http('200 OK', 'text/html', '<html>'),
        'garbage' => http('200 OK', 'application/proto', "\x0a\x7fab"),
        'redirect' => http('307 Temporary Redirect', 'text/plain', '', "location: http://127.0.0.1:1/\r\n"),
        'short-body' => "HTTP/1.1 200 OK\r\ncontent-type: application/proto\r\ncontent-length: 99\r\n\r\nabc",
        'stream-ok' => $stream($delta . $completed . envelope(2, '{}')),
        'stream-no-completed' => $stream($delta . envelope(2, '{}')),
        'stream-no-end' => $stream($delta . $completed),
        'stream-nothing' => $stream(''),
        'stream-half-envelope' => $stream($delta . substr($completed, 0, 7)),
        'stream-cut' => "HTTP/1.1 200 OK\r\ncontent-type: application/connect+proto\r\ntransfer-encoding: chunked\r\n\r\n"
            . sprintf("%x\r\n%s\r\n", strlen($delta), $delta),
        'stream-error' => $stream($delta . envelope(2, '{"error":{"code":"internal","message":"told so"}}')),
        'stream-bad-end' => $stream($delta . envelope(2, 'nonsense')),
        'stream-compressed' => $stream(envelope(1, 'x')),
        'stream-huge' => $stream(pack('CN', 0, 0x7fffffff) . 'x'),
        'stream-draining-once' => $try === 1
            ? $stream(envelope(2, '{"error":{"code":"unavailable","message":"","details":[' . $draining . ']}}'))
            : $stream($delta . $completed . envelope(2, '{}')),
        'stream-refused' => $error('permission_denied'),
        default => http('200 OK', 'application/proto', "\x0a\x02hi"),
    };
}

function http(string $status, string $type, string $body, string $headers = ''): string
{
    $length = strlen($body);
    return "HTTP/1.1 $status\r\ncontent-type: $type\r\ncontent-length: $length\r\nconnection: close\r\n$headers\r\n$body";
}

function envelope(int $flags, string $payload): string
{
    return pack('CN', $flags, strlen($payload)) . $payload;
}

function detail(string $bytes): string
{
    return rtrim(base64_encode($bytes), '=');
}
