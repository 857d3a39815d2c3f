<?php
// A site that signs people in with phpCAS. The first piece of the path says which way: a version of
// the protocol, `renew`, `gateway`, `proxying` (it asks for proxy tickets) or `proxied` (it takes them).
// Every way has a session of its own. Answers are JSON.

require 'CAS.php';

$base = getenv('SERVICE_URL');
$authority = getenv('AUTHORITY');
$data = getenv('SERVICE_DATA');
$cas = parse_url(getenv('CAS_URL'));
$pieces = explode('/', trim(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/'));
$way = $pieces[0];

function shows(array $what): void
{
    header('Content-Type: application/json');
    echo json_encode($what, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
}

function shows_person(): void
{
    shows(['user' => phpCAS::getUser(), 'attributes' => (object) phpCAS::getAttributes()]);
}

$versions = [
    'cas1' => CAS_VERSION_1_0, 'cas2' => CAS_VERSION_2_0, 'cas3' => CAS_VERSION_3_0, 'saml' => SAML_VERSION_1_1,
    'renew' => CAS_VERSION_3_0, 'gateway' => CAS_VERSION_3_0,
    'proxying' => CAS_VERSION_3_0, 'proxying2' => CAS_VERSION_2_0, 'proxied' => CAS_VERSION_3_0,
];
if ($way === 'about') {
    shows(['client' => 'phpCAS ' . phpCAS::getVersion() . ' (PHP ' . PHP_VERSION . ')']);
    return;
}
if (!isset($versions[$way])) {
    shows(['bye' => true]);
    return;
}

session_save_path("$data/sessions");
session_name("php-$way");
phpCAS::setDebug("$data/phpCAS.log");
$proxies = str_starts_with($way, 'proxying');
$make = $proxies ? 'proxy' : 'client';
phpCAS::$make($versions[$way], $cas['host'], $cas['port'], $cas['path'], $base);
phpCAS::setCasServerCACert($authority);
if ($proxies) {
    phpCAS::setPGTStorageFile("$data/pgt");
    phpCAS::setFixedCallbackURL("$base/$way/callback");
}
if ($proxies || $way === 'proxied') {
    phpCAS::allowProxyChain(new CAS_ProxyChain_Any());
}
// Messages come through the web server in front, which is on this machine.
phpCAS::handleLogoutRequests(true, ['127.0.0.1']);

if (($pieces[1] ?? '') === 'logout') {
    phpCAS::logoutWithRedirectService("$base/bye");
}
// A ticket that is not good is an exception, after a page that says so.
ob_start();
try {
    switch ($way) {
        case 'renew':
            // It asks anew at every call: a session is not looked at.
            phpCAS::renewAuthentication();
            shows_person();
            break;
        case 'gateway':
            if (phpCAS::checkAuthentication()) {
                shows_person();
            } else {
                shows(['user' => null]);
            }
            break;
        case 'proxying':
        case 'proxying2':
            phpCAS::forceAuthentication();
            $went_well = phpCAS::serviceWeb($_GET['target'], $problem, $answer);
            shows(['user' => phpCAS::getUser(), 'answer' => $went_well ? json_decode($answer, true) : $answer]);
            break;
        case 'proxied':
            phpCAS::forceAuthentication();
            shows(['user' => phpCAS::getUser(), 'proxies' => phpCAS::getProxies()]);
            break;
        default:
            phpCAS::forceAuthentication();
            shows_person();
    }
} catch (CAS_AuthenticationException $refusal) {
    http_response_code(403);
}
