#!/usr/bin/perl
# A service that signs people in with Perl's AuthCAS. The first piece of the path says which way: `cas2`,
# `cas3`, `gateway`, `proxying` (it asks for proxy tickets) or `proxied` (it takes them). Every way has a
# session of its own. Answers are JSON. One process a request: the callback of a proxy comes in while a
# validation is under way, so what is remembered lies in files.
use strict;
use warnings;

use AuthCAS;
use HTTP::Daemon;
use HTTP::Response;
use JSON::PP;
use LWP::UserAgent;
use URI;

my ($base, $data) = @ENV{qw(SERVICE_URL SERVICE_DATA)};
my $at   = URI->new($ENV{LISTEN_URL});
my $json = JSON::PP->new->utf8->canonical;
my %ways = map { $_ => 1 } qw(cas2 cas3 gateway proxying proxied);

sub client {
    my ($way) = @_;
    my $path = $way eq 'cas3' ? '/p3/serviceValidate' : '/serviceValidate';
    my @server = (casUrl => $ENV{CAS_URL}, CAFile => $ENV{AUTHORITY});
    my $cas = AuthCAS->new(@server, serviceValidatePath => $path);
    $cas->proxyMode(pgtFile => "$data/pgt", pgtCallbackUrl => "$base/callback") if $way eq 'proxying';
    return $cas;
}

sub answer {
    my ($what, $status) = @_;
    return HTTP::Response->new($status // 200, undef, ['Content-Type' => 'application/json'], $json->encode($what));
}

sub leave {
    my ($to, @more) = @_;
    return HTTP::Response->new(302, undef, [Location => $to, @more]);
}

sub random_name {
    open my $chance, '<:raw', '/dev/urandom' or die $!;
    read $chance, my $bytes, 18;
    return unpack 'H*', $bytes;
}

sub person {
    my ($key) = @_;
    open my $file, '<', "$data/session-$key" or return;
    local $/;
    return $json->decode(<$file>);
}

sub remember {
    my ($person) = @_;
    my $key = random_name();
    open my $file, '>', "$data/session-$key" or die $!;
    print $file $json->encode($person);
    close $file;
    return $key;
}

# Asks another service in the name of the person.
sub ask {
    my ($granting, $target) = @_;
    my $cas = client('proxying');
    $cas->{pgtId} = $granting;
    my $ticket = $cas->retrievePT($target) or return 'no proxy ticket: ' . AuthCAS::get_errors();
    my $url = URI->new($target);
    $url->query_form($url->query_form, ticket => $ticket);
    my $agent = LWP::UserAgent->new(cookie_jar => {}, ssl_opts => { SSL_ca_file => $ENV{AUTHORITY} });
    my $said = $agent->get($url);
    return eval { $json->decode($said->content) } // $said->as_string;
}

sub come_back {
    my ($way, $service, $ticket) = @_;
    my $cas = client($way);
    if ($way eq 'proxied') {
        my ($user, @proxies) = $cas->validatePT($service, $ticket);
        return answer({ user => $user, proxies => \@proxies }, defined $user ? 200 : 403);
    }
    my $user = $cas->validateST($service, $ticket);
    return answer({ refused => AuthCAS::get_errors() }, 403) unless defined $user;
    my $key = remember({ user => $user, granting => $cas->{pgtId} });
    return leave($service, 'Set-Cookie' => "perl-$way=$key; Path=/$way; HttpOnly; Secure");
}

sub respond {
    my ($request) = @_;
    my $url = $request->uri;
    my %asked = $url->query_form;
    my (undef, $way, $piece) = split m{/}, $url->path;
    $way //= '';
    return answer({ client => sprintf('AuthCAS %s (Perl %vd)', $AuthCAS::VERSION, $^V) }) if $way eq 'about';
    if ($way eq 'callback') {
        client('proxying')->storePGT($asked{pgtIou}, $asked{pgtId}) if defined $asked{pgtIou};
        return answer({});
    }
    return answer({ bye => JSON::PP::true }) unless $ways{$way};

    my ($key) = ($request->header('Cookie') // '') =~ /(?:^|; )perl-$way=([0-9a-f]+)/;
    if (($piece // '') eq 'logout') {
        unlink "$data/session-$key" if defined $key;
        return leave(client($way)->getServerLogoutURL("$base/bye"));
    }
    # A gateway comes back without a ticket: the mark says that this one has been asked.
    my $query = $way eq 'gateway' ? '?asked=1' : defined $asked{target} ? "?target=$asked{target}" : '';
    my $service = $base . $url->path . $query;
    return come_back($way, $service, $asked{ticket}) if defined $asked{ticket};

    my $person = defined $key ? person($key) : undef;
    if (!$person) {
        return answer({ user => undef }) if $way eq 'gateway' && $asked{asked};
        my $cas = client($way);
        return leave($cas->getServerLoginGatewayURL($service)) if $way eq 'gateway';
        return leave($cas->getServerLoginURL($service));
    }
    if ($way eq 'proxying') {
        return answer({ user => $person->{user}, answer => ask($person->{granting}, $asked{target}) });
    }
    return answer({ user => $person->{user}, attributes => {} });
}

# It reads this file when it looks for a ticket, also when none was called in yet.
open my $empty, '>>', "$data/pgt" or die $!;
close $empty;

my $server = HTTP::Daemon->new(LocalAddr => $at->host, LocalPort => $at->port, ReuseAddr => 1, Listen => 50)
    or die "cannot listen: $!";
$SIG{CHLD} = 'IGNORE';
while (1) {
    my $connection = $server->accept or next;
    next if fork;
    my $request = $connection->get_request;
    if ($request) {
        my $response = respond($request);
        print STDERR join(' ', $request->method, $request->uri->path, $response->code), "\n";
        $response->header(Connection => 'close');
        $connection->send_response($response);
    }
    $connection->close;
    exit 0;
}
