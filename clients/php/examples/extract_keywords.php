<?php

declare(strict_types=1);

use Erpai\Gateway\V1\ExtractKeywordsRequest;
use Erpai\Gateway\V1\Listing;

$client = require __DIR__ . '/client.php';
$listing = (new Listing())
    ->setTitle('Stainless Steel Water Bottle with Straw Lid, 32 oz, Leak Proof, for Hiking')
    ->setBulletPoints(['Keeps cold 24 hours', 'Fits most car cup holders'])
    ->setAttributes(['color' => 'midnight blue'])
    ->setMarketplace('AMAZON_US');
$answer = $client->extractKeywords((new ExtractKeywordsRequest())->setListing($listing)->setMaxKeywords(5));
foreach ($answer->getKeywords() as $keyword) {
    printf("%.2f  %s\n", $keyword->getScore(), $keyword->getText());
}
echo 'search terms: ', $answer->getSearchTerms(), "\n";
