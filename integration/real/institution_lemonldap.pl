# The portal of LemonLDAP::NG on the small web server that comes with Plack. In: host and port.
use strict;
use warnings;
use Lemonldap::NG::Portal::Main;
use Plack::Loader;

$| = 1;
my ( $host, $port ) = @ARGV;
my $portal = Lemonldap::NG::Portal::Main->run( {} );

# A web server in front would say the path as it was asked; this one says it decoded, or not at all.
my $app = sub {
    my $env = shift;
    $env->{REQUEST_URI} ||= $env->{PATH_INFO};
    $env->{SCRIPT_NAME} = '';
    my $answer = $portal->($env);
    print join( ' ', $env->{REQUEST_METHOD}, $env->{REQUEST_URI}, $answer->[0] ), "\n";
    return $answer;
};
Plack::Loader->load( 'Standalone', host => $host, port => $port )->run($app);
