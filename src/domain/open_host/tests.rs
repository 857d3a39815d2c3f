//! Patterns that are open, and patterns that are not.

use super::*;

fn check(patterns: &[&str], open: bool) {
    for pattern in patterns {
        assert_eq!(is_open(&WholePattern::new(pattern).unwrap()), open, "{pattern}");
    }
}

#[test]
fn closed_patterns() {
    check(
        &[
            r"^https://wiki\.meridian\.example(/.*)?$",
            r"^https://wiki\.meridian\.example/",
            r"^https://wiki.meridian.example/.*",
            r"^https://a.wiki.app.meridian.example/.*",
            r"^https://[^/]+\.meridian\.example/.*",
            r"^https://[^/]*\.meridian\.example/.*",
            r"^https?://([a-z0-9-]+\.)*meridian\.example(:\d+)?/.*",
            r"^https?://(\w+\.)*meridian\.example(:\d+)?/.*",
            r"^https://([a-z]+\.)?example\.org/.*",
            r"^https://[a-z]+\.app\.example/(?:x|y)",
            r"^https://wiki[0-9]*\.meridian\.example/.*",
            r"^http://127\.0\.0\.1(:[0-9]+)?/.*$",
            r"^http://(127\.0\.0\.[0-9]+|localhost)(:\d+)?/.*",
            r"^http://10\.\d+\.\d+\.\d+/.*",
            r"^http://\[::1\](:\d+)?/.*",
            r"^https://(wiki|library|files)\.meridian\.example/.*",
            r"^https://(wiki|library|mail|meet|maps)\.(org|com|net)/.*",
            r"^https://wiki\.meridian\.example:.*",
            r"^https://wiki\.meridian\.example[:/].*",
            r"^https://wiki\.meridian\.example/[^/]*@evil\.example/.*",
            r"^(https?://)?wiki\.meridian\.example/.*",
            r"^[a-z]+://wiki\.meridian\.example/.*",
            r"(?i)^https://Wiki\.Meridian\.Example/.*",
            r"^(?i:https://wiki\.meridian\.example)/.*",
            r"(?x) ^https://wiki\.meridian\.example/.* # ours",
            r"^https://xn--bcher-kva\.example/.*",
            r"^$",
        ],
        false,
    );
    let many: Vec<String> = (0..200).map(|n| format!(r"app{n}\.faculty\.meridian")).collect();
    check(&[&format!(r"^https://({})\.example/.*", many.join("|"))], false);
}

#[test]
fn open_patterns() {
    check(
        &[
            r"^https://.*",
            r"^https?://.*",
            r"^.*$",
            r"^[\s\S]*",
            r"^\w+\W+.*",
            r"^https://[^/]+/.*",
            r"^https://[^/]+(:\d+)/.*",
            r"^https://.*\.meridian\.example/.*",
            r"^https://.+meridian\.example/.*",
            r"^https://[a-z.0-9]+/app",
            r"^https://wiki\.meridian\.example/.*|https://.*",
            r"^https://(wiki\.meridian\.example|\w+\.org)/.*",
            r"^https://\w+\.\w+\.\w+/",
            r"^https://\w+\.(com|org)/.*",
            r"^https://[a-z0-9]{5,}\.com/.*",
            r"^https://[a-z]{17}\.com/.*",
            r"^https://[a-f]+\.com/.*",
            r"^https://wiki[0-9]{2}\.org/.*",
            r"^https://wiki\.[a-z]+/.*",
            r"^https://\S+\.example/.*",
            // Behind the author's text.
            r"^https://wiki\.example.*",
            r"^https://wiki\.example[^/]*/.*",
            r"^https://wiki\.example\.org.*",
            r"^https://wiki\.example\.org\W.*",
            r"^https://wiki\.example\.org\b.*",
            r"^https://wiki\.example\.org[^a-z].*",
            r"^https://wiki\.example\.org(\.[a-z]+)*/.*",
            r"^https://wiki\.example\.org[$].*",
            r"(?i)^HTTPS://WIKI\.EXAMPLE\.ORG.*",
            r"^https://([a-z]+\.)?example\.org.*",
            // Glued in front of it.
            r"^https://[^/]*example\.org/.*",
            r"^https://[a-z]+-wiki\.example/.*",
            r"^https://[^/]*\bmeridian\.example/.*",
            r"^https://[^/]+.meridian.example/.*",
            // What looks like a user name stands in the path.
            r"^https://.*@wiki\.meridian\.example/.*",
            r"^https://(.*@)?wiki\.meridian\.example/.*",
            // Numbers.
            r"^http://[0-9.]+/.*",
            r"^http://\d+\.\d+\.\d+\.\d+:\d+/.*",
            r"^http://\[[0-9a-f:]+\]/.*",
        ],
        true,
    );
}

#[test]
fn patterns_that_are_relaxed_first() {
    check(
        &[
            r"^(?!https://wiki\.meridian\.example/admin)https://wiki\.meridian\.example/.*",
            r"^https://(?!secret)[a-z]+\.meridian\.example/.*",
            r"^https://wiki\.meridian\.example/(?!admin)(\w+)/\1",
            r"^https://wiki\.meridian\.example(?=/)/.*",
            r"^https://wiki\.meridian\.example(?>/.*)(?<!x)$",
        ],
        false,
    );
    check(
        &[
            r"^(?!https://evil\.example)https://.*",
            r"^https://(?!evil)[^/]+/.*",
            r"^https://wiki\.meridian\.example(?!\.evil).*",
            // Without the look-ahead nothing ends the host.
            r"^https://wiki\.meridian\.example(?=/).*/.*",
            r"^https://(\w+)\.\1/.*",
            // Not known here, so open.
            r"^(?x)https://wiki\.meridian\.example/(?!a) .* # (",
            r"^https://wiki\.meridian\.example/(a)?(?(1)b|c)",
        ],
        true,
    );
}

#[test]
fn other_kinds_of_addresses() {
    check(
        &[
            r"^imap://mail\.meridian\.example$",
            r"^imaps?://mail\.meridian\.example(:\d+)?",
            r"^(ldap|ldaps)://[a-z]+\.meridian\.example(/.*)?",
            r"^imap://mail$",
            r"^mysql://db\.meridian\.example/.*",
        ],
        false,
    );
    check(
        &[
            r"^imap://.*",
            r"^imap://\w+\.\w+",
            r"^imap://mail\.meridian\.example.*",
            r"^ldap://[^/]+$",
            r"^mysql://.*",
            r"^(mysql|mongodb)://.*",
        ],
        true,
    );
}

#[test]
fn what_patterns_reach() {
    for (pattern, http, https, pages, bare_host) in [
        (r"^https://wiki\.meridian\.example/.*", false, true, true, false),
        (r"^https://wiki\.meridian\.example(/.*)?", false, true, true, true),
        (r"^https?://wiki\.meridian\.example/", true, true, true, false),
        (r"^http://wiki\.meridian\.example/", true, false, true, false),
        (r"^https://wiki\.meridian\.example", false, true, false, true),
        (r"^https://wiki\.meridian\.example$", false, true, false, true),
        (r"^https://Wiki\.meridian\.example/.*", false, true, false, false),
        (r"^imap://mail\.meridian\.example$", false, false, false, false),
    ] {
        let reach = reach(&WholePattern::new(pattern).unwrap()).unwrap();
        let expected = Reach { open: false, http, https, pages, bare_host };
        assert_eq!(reach, expected, "{pattern}");
    }
}

#[test]
fn large_patterns_come_to_an_end() {
    let long = r"a?".repeat(1000);
    for pattern in [
        r"^https://[^/]*a[^/]{24}\.example\.org\.meridian/.*",
        r"^https://([^/]*a[^/]{200}|[^/]*b[^/]{300})\.wiki\.meridian\.example/.*",
        r"^https://(\w+\.){1,20}meridian\.example/.*",
        r"^https://((((\w*\.)*\w*\.)*\w*\.)*)meridian\.example/.*",
        &format!(r"^https://{long}\.meridian\.example/.*"),
    ] {
        is_open(&WholePattern::new(pattern).unwrap());
    }
}
