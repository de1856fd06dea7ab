<?php

declare(strict_types=1);

namespace Erpai\Gateway\Client;

/** Which way the calls go. */
enum TransportKind
{
    /** gRPC where ext-grpc is loaded, `grpcTarget` is given and the process is no fork; otherwise Connect. */
    case Auto;
    /** gRPC over HTTP/2; needs ext-grpc. */
    case Grpc;
    /** The Connect protocol over HTTP/1.1 with binary messages; needs ext-curl. */
    case Connect;
    /** The same with JSON messages: readable on the wire, several times dearer. */
    case ConnectJson;
}
