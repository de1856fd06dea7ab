<?php

declare(strict_types=1);

// Loads google/protobuf from where Debian's package php-google-protobuf puts it. Where ext-protobuf is
// loaded its classes exist already, and this is asked only for the few that the extension leaves out.
spl_autoload_register(static function (string $class): void {
    if (!preg_match('/^(Google\\\\Protobuf|GPBMetadata\\\\Google\\\\Protobuf)\\\\/', $class)) {
        return;
    }
    $file = '/usr/share/php/' . strtr($class, '\\', '/') . '.php';
    if (is_file($file)) {
        require $file;
    } elseif (!is_dir('/usr/share/php/Google/Protobuf')) {
        throw new RuntimeException("class '$class' is not there: apt-get install php-google-protobuf");
    }
});
