//! Every kind of problem, and the place it is told at.

use super::backends::USER;
use super::{LEAST, env, problems, texts};
use crate::config::Config;
use crate::config::problem::{NO_SERVICE, PLAIN_HTTP, TEST_BACKEND};

/// `file:line:column message` of all problems, but for the warnings that every test back-end and every
/// lack of services get here.
pub(super) fn told(files: &[(&str, &str)]) -> Vec<String> {
    let all = problems(files);
    all.iter()
        .filter(|p| p.code != Some(TEST_BACKEND) && p.code != Some(NO_SERVICE))
        .map(|p| format!("{} {}", p.address(), p.message))
        .collect()
}

/// One problem each: what is added below the least main file, its place, and a part of what is told.
pub(super) fn in_main(cases: &[(&str, &str, &str)]) {
    for (added, place, words) in cases {
        let main = format!("{LEAST}{added}");
        let told = told(&[
            ("passerelle.toml", &main),
            ("short.key", "short"),
            ("plain.txt", "no certificate"),
            ("users.toml", USER),
            ("mark.gif", "GIF"),
            ("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            ("large.svg", &"x".repeat(65 * 1024)),
        ]);
        let [one] = told.as_slice() else { panic!("{added:?}: {told:#?}") };
        let expected = format!("passerelle.toml:{place} ");
        assert!(one.starts_with(&expected) && one.contains(words), "{added:?}\n{one}\n{expected}{words}");
    }
}

#[test]
fn site_and_server() {
    in_main(&[
        ("[site]\nname = 7", "4:8", "`name` must be text, not a whole number"),
        ("[site]\nname = \" \"", "4:8", "`name` is empty"),
        ("[site]\nhelp = \"http://help.example\"", "4:8", "mailto: or https:"),
        ("[site]\nhelp = \"javascript:alert(1)\"", "4:8", "mailto: or https:"),
        ("[site]\nlogo = true", "4:8", "path of a picture"),
        ("[site]\nlogo = 3", "4:8", "`logo` must be text"),
        ("[site]\nlogo = \"no.svg\"", "4:8", "does not exist"),
        ("[site]\nlogo = \"mark.gif\"", "4:8", ".svg or .png"),
        ("[site]\nfavicon = \"large.svg\"", "4:11", "at most 65536 are taken"),
        ("listen = \"localhost\"", "3:10", "no address with a port"),
        ("listen = \"unix:\"", "3:10", "no address with a port"),
        ("trusted_proxies = [\"10.0.0.0/8\", \"proxy\"]", "3:34", "neither an address nor a network"),
        ("trusted_proxies = \"10.0.0.0/8\"", "3:19", "must be a list of texts, not text"),
        ("trusted_proxies = [\n  7]", "4:3", "`trusted_proxies` must be text"),
        ("[sesion]\nidle = \"1 h\"", "3:2", "unknown key `sesion`"),
        ("[[provider]]\nsuffix = \"x\"", "3:3", "unknown key `provider`"),
        ("[[session]]\nidle = \"1 h\"", "3:3", "there is one `session` only"),
        ("[admin]\nusers = {}", "3:2", "unknown key `admin`"),
    ]);
}

#[test]
fn times_numbers_and_words() {
    in_main(&[
        ("[session]\nidle = 7200", "4:8", "`idle` is a time: text, not a whole number"),
        ("[session]\nidle = \"2 hours\"", "4:8", "`idle` is no time: \"2 hours\""),
        ("[session]\nlifetime = \"0 s\"", "4:12", "must be 1 s or more"),
        ("[session]\nlifetime = \"1.5 s\"", "4:12", "whole seconds"),
        ("[session]\nsingle_identity = \"yes\"", "4:19", "true or false, not text"),
        ("[session]\nremember_me = \"100 d\"", "4:15", "`remember_me` must be from"),
        ("[session]\ncookie_secret_file = \"short.key\"", "4:22", "shorter than 32 bytes"),
        ("[session]\ncookie_secret_file = \"none.key\"", "4:22", "does not exist"),
        ("[ticket]\nservice_validity = \"none\"", "4:20", "is no time"),
        ("[ticket]\npgt_validty = \"1 h\"", "4:1", "unknown key `pgt_validty`"),
        ("[ticket]\nlength = 300", "4:10", "must be from 24 to 256"),
        ("[ticket]\nlength = 40", "4:10", "a login ticket with this prefix has 60 to 256"),
        ("[ticket]\nlogin_length = 59", "4:16", "a login ticket with this prefix has 60 to 256"),
        ("[ticket]\nservice_length = 24", "4:18", "a service ticket with this prefix has 25 to 256"),
        ("[ticket]\nservice_prefix = \"STABCDEFGH\"", "3:1", "a service ticket with this prefix has 33"),
        ("[ticket]\nservice_prefix = \"XT\"", "4:18", "must begin with ST"),
        ("[ticket]\nlogin_prefix = \"L-T\"", "4:16", "letters and digits"),
        ("[ticket]\nlogin_prefix = \"\"", "4:16", "`login_prefix` is empty"),
        ("[logout]\nparallel = 0", "4:12", "from 1 to 1000"),
        ("[logout]\nparallel = 99999999999999999999", "4:12", "from 1 to 1000"),
        ("[logout]\nretry = [\"10 s\", \"soon\"]", "4:18", "is no time"),
        ("[logout]\ntimeout = \"2 min\"", "4:11", "from 100 ms to 1 min"),
        ("[logout]\nafterwards = \"page\"", "4:1", "unknown key `afterwards`"),
        ("[federation]\nlocal_account = \"middle\"", "4:17", "does not know \"middle\""),
        ("[clean]\nevery = true", "4:9", "is a time: text, not true or false"),
        ("[outbound]\nca_file = \"broken.pem\"", "4:11", "a certificate that cannot be read"),
        ("[outbound]\nca_file = \"plain.txt\"", "4:11", "without a PEM certificate"),
        ("[database]\nurl = \"mysql://u:p@h/d\"", "4:7", "no address of a database"),
        ("[database]\nurl = \"env:BAD_DB\"", "4:7", "no address of a database"),
        ("[database]\nurl = \"env:UNSET\"", "4:7", "`UNSET` of the environment is not set"),
        ("[database]\nurl = \"sqlite:\"", "4:7", "no address of a database"),
        ("[database]\nurl = \"sqlite:a.db?mode=ro\"", "4:7", "no address of a database"),
        ("[database]\nurl = \"postgres://h:notaport/d\"", "4:7", "no address of a database"),
    ]);
}

#[test]
fn the_public_address() {
    for (main, place, words) in [
        ("", "1:1", "`[server]` needs `public_url`"),
        ("# empty\n[server]\n", "2:1", "`[server]` needs `public_url`"),
        ("server = 1", "1:10", "`server` must be a table"),
        ("[server]\npublic_url = \"login.example\"", "2:14", "begin with http:// or https://"),
        ("[server]\npublic_url = \"https://a.example/?x\"", "2:14", "before `?`"),
        ("[server]\npublic_url = \"http://login.example\"", "2:14", "without encryption"),
    ] {
        let told = told(&[("passerelle.toml", main)]);
        let found = told
            .iter()
            .any(|one| one.starts_with(&format!("passerelle.toml:{place} ")) && one.contains(words));
        assert!(found, "{main:?} {told:#?}");
    }
    let loopback = "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"";
    assert_eq!(told(&[("passerelle.toml", loopback)]), [""; 0]);
}

pub(super) fn provider(suffix: &str, added: &str) -> String {
    format!(
        "[[provider]]\nsuffix = \"{suffix}\"\nname = \"N\"\nurl = \"https://cas.north.example/cas\"\n{added}"
    )
}

#[test]
fn providers() {
    let north = |added: &str| provider("north.example", added);
    for (text, place, words) in [
        (provider("a@b", ""), "2:10", "1 to 200 letters"),
        (provider("local", ""), "2:10", "`local` is reserved"),
        (provider("", ""), "2:10", "`suffix` is empty"),
        (north("protocol = \"saml2\""), "5:12", "`protocol` does not know \"saml2\""),
        (north("protocol = 3.0"), "5:12", "`protocol` must be text, not a number"),
        (north("position = \"first\""), "5:12", "must be a whole number"),
        (north("email_domains = [\"a@b.example\"]"), "5:18", "no domain of e-mail"),
        (north("aliases = [\"N\", \"\"]"), "5:17", "`aliases` has an empty text"),
        (north("timeout = \"90 s\""), "5:11", "from 100 ms to 1 min"),
        (north("timeout = \"50 ms\""), "5:11", "from 100 ms to 1 min"),
        (north("ca_file = \"none.pem\""), "5:11", "does not exist"),
        (north("logo = \"none.svg\""), "5:8", "does not exist"),
        (north("names = { xx_yy_zz_1 = \"N\" }"), "5:11", "is no language"),
        (north("names = { fr = 1 }"), "5:16", "must be text"),
        (north("help = \"http://it.example\""), "5:8", "`help` is a link"),
        (north("http_proxy = \"socks5://p.example\""), "5:14", "`http_proxy` cannot be used"),
        (north("paths = { login = \"signin\" }"), "5:19", "no path below `url`"),
        (north("extra_params = { service = \"x\" }"), "5:18", "sent by the gateway itself"),
        (north("skew = \"11 min\""), "5:8", "10 min"),
        (north("proxy_to = [\"mail.north.example\"]"), "5:13", "`proxy_to` cannot be used"),
        (north("scopes = [\"@north.example\"]"), "5:11", "is no scope"),
        (north("[provider.notice]\nfrom = 2027-06-27"), "5:1", "has a `text`"),
        (north("[provider.notice]\ntext = \"x\"\nuntil = \"soon\""), "7:9", "`until` is no date"),
        (
            north("[provider.notice]\ntext = \"x\"\nfrom = 2027-06-27\nuntil = 2027-06-27"),
            "8:9",
            "`until` is not after `from`",
        ),
        (north("[provider.username]\nstrip_scope = [\"@n\"]"), "6:16", "is no scope"),
        (north("[provider.username]\naccept = '('"), "6:10", "no regular expression"),
        (north("[provider.username]\nlower = true"), "6:1", "unknown key `lower`"),
        (north("nmaes = {}"), "5:1", "unknown key `nmaes`"),
        (north("[[services]]"), "5:3", "unknown key `services`"),
        (north("").replace("/cas\"", "/cas/login/\""), "4:7", "without /login"),
        (north("").replace("/cas\"", "/cas?x=1\""), "4:7", "before `?`"),
        (north("").replace("cas.north.example/cas", "LOGIN.example:443/cas/"), "4:7", "is `public_url`"),
        (north("").replace("https:", "ldap:"), "4:7", "http:// or https://"),
        (north("").replace("name", "title"), "1:1", "needs `name`"),
    ] {
        let told = told(&[("providers.d/n.toml", &text)]);
        let start = format!("providers.d/n.toml:{place} ");
        let found = told.iter().any(|one| one.starts_with(&start) && one.contains(words));
        let most = if words.contains("needs") { 2 } else { 1 };
        assert!(found && told.len() <= most, "{text}\n{place} {words}\n{told:#?}");
    }
}

fn service(added: &str) -> String {
    format!("[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n{added}")
}

#[test]
fn services() {
    let pattern = |pattern: &str| format!("[[service]]\nname = \"Wiki\"\npattern = '{pattern}'\n");
    let any_host = format!("{}any_host = true", pattern("^https://.*"));
    for (text, place, words) in [
        ("[[service]]\nname = \"Wiki\"".to_owned(), "1:1", "`[[service]]` needs `url` or `pattern`"),
        ("[[service]]\nurl = \"https://a.example\"".to_owned(), "1:1", "needs `name`"),
        ("[service]\nname = \"Wiki\"".to_owned(), "1:2", "there may be several `service`"),
        ("service = [1]".to_owned(), "1:12", "`service` must be a table"),
        (service("pattern = '^https://w\\.example/.*'"), "4:11", "`url` or `pattern`, not both"),
        (service("position = 1.5"), "4:12", "must be a whole number, not a number"),
        (service("providers = []"), "4:13", "nobody could enter"),
        (service("providers = [7]"), "4:14", "`providers` must be text"),
        (service("providers = [\"local\", \"!nroth\"]"), "4:23", "no provider or back-end \"nroth\""),
        (service("usernames = \"ana\""), "4:13", "a list of texts"),
        (service("single_log_out_callback = \"imap://x\""), "4:27", "http:// or https://"),
        (service("single_logout = true"), "4:1", "unknown key `single_logout`"),
        (service("proxies = true"), "4:1", "unknown key `proxies`"),
        (service("proxy_targets = [\"Wiki\"]"), "4:17", "a service that may not proxy"),
        (service("proxy_callback = true\nproxy_targets = [\"Wkii\"]"), "5:18", "no service \"Wkii\""),
        (service("proxy_callback = true\nproxy_targets = [\"Mailbox\"]"), "5:18", "no service \"Mailbox\""),
        (service("logo = \"x.jpg\""), "4:8", ".svg or .png"),
        (service("[service.filter]\na = '('"), "5:5", "`a` is no regular expression"),
        (service("[service.filter]\na = ['x', ')']"), "5:11", "`a` is no regular expression"),
        (service("[service.filter]\na = []"), "5:5", "has no pattern"),
        (service("[service.filter]\na = true"), "5:5", "`a` must be text"),
        (service("[service.release]\n\"*\" = \"x\""), "5:7", "on both sides or on none"),
        (service("[service.release]\nx = \"*\""), "5:5", "on both sides or on none"),
        (service("[service.release]\nx = 5"), "5:5", "`x` must be text or a table"),
        (service("[service.release]\nx = \"\""), "5:5", "comes from nowhere"),
        (service("[service.release]\nx = { }"), "5:5", "either `from` or `value`"),
        (
            service("[service.release]\nx = { from = \"a\", value = \"b\" }"),
            "5:5",
            "either `from` or `value`",
        ),
        (service("[service.release]\nx = { from = \"a\", replace = \"b\" }"), "5:5", "needs `with`"),
        (
            service("[service.release]\nx = { value = \"a\", replace = \"b\", with = \"c\" }"),
            "5:5",
            "only what comes `from` an attribute",
        ),
        (
            service("[service.release]\nx = { from = \"a\", replace = '(', with = \"c\" }"),
            "5:29",
            "`replace` is no regular expression",
        ),
        (
            service("[service.release]\nx = { from = \"a\", replace = '(b)', with = '\\2' }"),
            "5:43",
            "`replace` has no group 2",
        ),
        (
            service(
                "[service.release]\nx = { from = \"a\", steps = [{ replace = 'b', with = '' }, { replace = 'b', with = '\\g<x>' }] }",
            ),
            "5:82",
            "`replace` has no group <x>",
        ),
        (service("[service.release]\nx = { from = \"a\", steps = [] }"), "5:5", "`steps` is a list of"),
        (
            service(
                "[service.release]\nx = { from = \"a\", steps = [{ replace = 'b', with = '', colour = 1 }] }",
            ),
            "5:56",
            "unknown key `colour`",
        ),
        (service("[service.release]\nx = \"userPassword\""), "5:5", "`userPassword` is never told"),
        (service("[service.release]\nx = { from = \"unicodePwd\" }"), "5:14", "`unicodePwd` is never told"),
        (service("user_field = \"password\""), "4:14", "`password` is never told"),
        (service("[service.filter]\npasswd = 'x'"), "5:1", "`passwd` is never told"),
        (service("[service.deny]\na = []"), "5:5", "the deny of `a` has no pattern"),
        (service("[service.deny]\na = '(?=x'"), "5:5", "`a` is no regular expression"),
        (service("valid_until = \"soon\""), "4:15", "`valid_until` is no date"),
        (service("valid_until = 7"), "4:15", "`valid_until` must be a date"),
        (service("valid_until = 10:00:00"), "4:15", "`valid_until` is no date"),
        (service("hours = []"), "4:9", "nobody could ever enter"),
        (service("hours = [\"Mon-Fri 8-18\"]"), "4:10", "`hours` cannot be read: \"Mon-Fri 8-18\""),
        (service("time_zone = \"UTC\""), "4:13", "`time_zone` says nothing"),
        (
            service("hours = [\"Mon 08:00-09:00\"]\ntime_zone = \"Europe/Atlantis\""),
            "5:13",
            "there is no time zone \"Europe/Atlantis\"",
        ),
        (service("proxy = true\nrenew = true"), "5:9", "a service cannot have both `renew` and `proxy`"),
        (service("max_auth_age = 60"), "4:16", "`max_auth_age` is a time"),
        (service("max_auth_age = \"500 ms\""), "4:16", "must be 1 s or more"),
        (service("contacts = [\"http://help.example\"]"), "4:13", "begins with mailto: or https:"),
        (service("contacts = [\"javascript://x\"]"), "4:13", "begins with mailto: or https:"),
        (service("denied_url = \"http://x.example\""), "4:14", "begins with https:"),
        (service("denied_url = \"mailto:a@x.example\""), "4:14", "begins with https:"),
        (service("allow = [\"W999\"]"), "4:10", "there is no warning \"W999\""),
        (service("[service.release]\nuser = \"uid\""), "5:1", "`user` cannot be sent"),
        (service("[service.release]\nattributes = \"uid\""), "5:1", "cannot be sent"),
        (service("[service.release]\nproxies = \"uid\""), "5:1", "cannot be sent"),
        (service("[service.release]\nproxy = \"uid\""), "5:1", "cannot be sent"),
        (service("[service.release]\nproxyGrantingTicket = { value = \"x\" }"), "5:1", "cannot be sent"),
        (service("[service.release]\n\"\" = \"uid\""), "5:1", "cannot be sent"),
        (service("[service.release]\na_b = \"x\"\n\"a b\" = \"y\""), "6:1", "`a b` and `a_b` are the same"),
        (
            service("[service.release]\n\"urn_oid_2.5.4.3\" = \"x\"\n\"urn:oid:2.5.4.3\" = \"y\""),
            "6:1",
            "are the same name in XML: `urn_oid_2.5.4.3`",
        ),
        (service("[service.release]\n\"urn:oid:2.5.4.3\" = \"x\""), "5:1", "is sent as `urn_oid_2.5.4.3`"),
        (service("[service.release]\nisFromNewLogin = \"x\""), "5:1", "told by the gateway itself"),
        (
            service("[service.release]\nprovider = \"home\""),
            "5:1",
            "`provider` is told by the gateway itself",
        ),
        (service("[service.release]\nprovider = \"providerName\""), "5:1", "told by the gateway itself"),
        (service("[service.release]\nproviderName = { value = \"x\" }"), "5:1", "`providerName` is told by"),
        (
            service("[service.release]\nbackend = { from = \"backend\", replace = 'a', with = 'b' }"),
            "5:1",
            "`backend` is told by the gateway itself",
        ),
        (service("").replace("/**", "/**/x"), "3:7", "only stand at the end"),
        (service("").replace("\"https://wiki.example/**\"", "[]"), "3:7", "names no address"),
        (service("").replace("\"https://wiki.example/**\"", "7"), "3:7", "`url` must be text"),
        (pattern("https://w\\.example/"), "3:11", "must begin with `^`"),
        (pattern("^https://(w"), "3:11", "no regular expression"),
        (pattern("^https://.*"), "3:11", "addresses at hosts of strangers"),
        (pattern("^https://w\\.example.*"), "3:11", "addresses at hosts of strangers"),
        (any_host, "3:11", "addresses at hosts of strangers"),
    ] {
        let told = told(&[("services.d/w.toml", &text), ("providers.d/n.toml", &provider("north", ""))]);
        let start = format!("services.d/w.toml:{place} ");
        let [one] = told.as_slice() else { panic!("{text}\n{told:#?}") };
        assert!(one.starts_with(&start) && one.contains(words), "{text}\n{place} {words}\n{one}");
    }
}

#[test]
fn doubles_across_files() {
    let told = told(&[
        ("services.d/a.toml", &service("")),
        ("services.d/b.toml", &service("").replace("wiki", "other")),
        ("providers.d/a.toml", &provider("north.example", "")),
        ("providers.d/b.toml", &provider("North.Example", "")),
    ]);
    assert_eq!(
        told,
        [
            "providers.d/b.toml:2:10 two providers use the suffix \"North.Example\"",
            "services.d/b.toml:2:8 two services have the name \"Wiki\"",
        ]
    );
}

#[test]
fn one_run_tells_all() {
    let files = [
        ("passerelle.toml", "[server]\npublic_url = \"x\"\nlisten = 1\n[session]\nidle = 2\n"),
        ("providers.d/a.toml", "[[provider]]\nsuffix = \"é é\"\nurl = \"é\"\n"),
        ("providers.d/broken.toml", "a = \nb = 2\nb = 3\n"),
        ("services.d/é.toml", "[[service]]\nname = 1\nurl = \"ftp://x\"\nproviders = [\"unknown\"]\n"),
        ("services.d/open.toml", "x = [1,\n"),
    ];
    let places: Vec<String> = problems(&files).iter().map(|problem| problem.address()).collect();
    assert_eq!(
        places,
        [
            "passerelle.toml:2:14",
            "passerelle.toml:3:10",
            "passerelle.toml:5:8",
            "providers.d/a.toml:1:1",
            "providers.d/a.toml:2:10",
            "providers.d/a.toml:3:7",
            "providers.d/broken.toml:1:5",
            "providers.d/broken.toml:3:1",
            "services.d/open.toml:1:8",
            "services.d/é.toml:2:8",
            "services.d/é.toml:3:7",
        ]
    );
}

#[test]
fn columns_count_characters() {
    let service =
        "# é\r\n[[service]]\r\n\tname = \"é\"\r\nproviders = [\"é\", \"!ü\"]\r\nurl = '''\r\nx\r\n'''\r\n";
    let list = problems(&[("services.d/a.toml", service)]);
    let places: Vec<_> = list.iter().map(|p| (p.line, p.column, p.end_column)).collect();
    assert_eq!(places, [(4, 14, 17), (4, 19, 23), (5, 7, 10)]);
    let marked = problems(&[("services.d/a.toml", "\u{feff}x = 1")]);
    assert_eq!(marked.iter().next().map(|p| (p.column, p.source.as_str())), Some((1, "x = …")));
}

#[test]
fn warnings_do_not_stop() {
    let main = "[server]\npublic_url = \"http://login.example\"\n";
    let (_, warnings) = Config::read(&texts(&[("passerelle.toml", main)]), &env).unwrap();
    assert_eq!((warnings.errors(), warnings.warnings()), (0, 1));
    let codes = |main: &str| -> Vec<_> {
        let (_, warnings) = Config::read(&texts(&[("passerelle.toml", main)]), &env).unwrap();
        warnings.iter().filter_map(|p| p.code).collect()
    };
    let table = "[[backend]]\nname = \"test\"\nkind = \"test\"\n";
    assert_eq!(codes(&format!("{main}{table}")), [NO_SERVICE, PLAIN_HTTP, TEST_BACKEND]);
    assert_eq!(codes(&format!("{main}{table}allow_test_backend = true\n")), [NO_SERVICE, PLAIN_HTTP]);
    let worse = format!("{main}listen = 1\n");
    let all = Config::read(&texts(&[("passerelle.toml", &worse)]), &env).unwrap_err();
    assert_eq!((all.errors(), all.warnings()), (1, 1));
}
