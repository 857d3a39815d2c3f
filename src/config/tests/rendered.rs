//! Problems as they are printed.

use insta::assert_snapshot;

use super::{LEAST, problems};

fn printed(files: &[(&str, &str)]) -> String {
    problems(files).text(false, "The running configuration was not changed.")
}

const WIKI: &str = "[[service]]\nname = \"Research Wiki\"\nurl = \"https://wiki.meridian.example/**\"\n";

fn provider(suffix: &str) -> String {
    format!("[[provider]]\nsuffix   = \"{suffix}\"\nname     = \"N\"\nurl      = \"https://cas.n.example\"\n")
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(printed(&[("services.d/20-wiki.toml", &format!("{WIKI}\n\n\n\n\n\n\n\n\n\nsingle_logout = true\n"))]), @r##"
    error: unknown key `single_logout`
      --> services.d/20-wiki.toml:14:1
       |
    14 | single_logout = …
       | ^^^^^^^^^^^^^ did you mean `single_log_out`?
       |
       = service "Research Wiki" (line 1)

    passerelle: 1 error. The running configuration was not changed.
    "##);
    assert_snapshot!(printed(&[("services.d/20-wiki.toml", &format!("{WIKI}[service.release]\nx = {{ from = 'a', colour = 'b' }}\n"))]), @r##"
    error: unknown key `colour`
      --> services.d/20-wiki.toml:5:19
       |
     5 | x = …
       |     ^
       |
       = service "Research Wiki" (line 1)
       = help: `x` knows from, value, replace, with, steps

    passerelle: 1 error. The running configuration was not changed.
    "##);
}

#[test]
fn two_of_a_suffix_and_a_warning() {
    let open = format!(
        "{}any_host = true\n",
        WIKI.replace("url = \"https://wiki.meridian.example/**\"", "pattern = '^https://.*'")
    );
    assert_snapshot!(printed(&[
        ("providers.d/northfield.toml", &provider("northfield.example")),
        ("providers.d/nth.toml", &provider("northfield.example")),
        ("services.d/99-legacy.toml", &open),
    ]), @r##"
    error: two providers use the suffix "northfield.example"
      --> providers.d/nth.toml:2:12
       |
     2 | suffix   = "northfield.example"
       |            ^^^^^^^^^^^^^^^^^^^^ also at providers.d/northfield.toml:2:12
       = note: accounts of both would be the same person. Choose another suffix.

    warning[W011]: this pattern matches addresses at hosts of strangers
      --> services.d/99-legacy.toml:3:11
       |
     3 | pattern = '^https://.*'
       |           ^^^^^^^^^^^^^ any_host = true
       |
       = service "Research Wiki" (line 1)
       = note: whoever has a web address could get tickets of our people.

    passerelle: 1 error, 1 warning. The running configuration was not changed.
    "##);
}

#[test]
fn form_of_the_file() {
    assert_snapshot!(printed(&[("services.d/a.toml", "[[service]]\nname = Wiki\n")]), @r##"
    error: string values must be quoted, expected literal string
      --> services.d/a.toml:2:8
       |
     2 | name = Wiki
       |        ^^^^

    passerelle: 1 error. The running configuration was not changed.
    "##);
}

#[test]
fn nothing_there() {
    assert_snapshot!(printed(&[("passerelle.toml", "")]), @r##"
    error: `[server]` needs `public_url`
      --> passerelle.toml:1:1
       = help: add the table `[server]`

    passerelle: 1 error. The running configuration was not changed.
    "##);
}

#[test]
fn people_who_can_go_nowhere() {
    let north = ("providers.d/n.toml", &*provider("north.example"));
    assert_snapshot!(printed(&[north]), @r##"
    warning[W020]: no service is registered: nobody can go anywhere
      --> passerelle.toml:1:1
       = help: add a [[service]] to a file in services.d

    passerelle: 1 warning. The running configuration was not changed.
    "##);
    for files in [&[north, ("services.d/w.toml", WIKI)][..], &[]] {
        assert!(problems(files).is_empty());
    }
    let main = format!("{LEAST}[[backend]]\nname = \"test\"\nkind = \"test\"\n");
    let told = problems(&[("passerelle.toml", &main)]);
    assert!(told.iter().any(|problem| problem.code == Some("W020")));
    // A service with an error is a service.
    let told = problems(&[north, ("services.d/w.toml", "[[service]]\nname = \"Wiki\"\n")]);
    assert!(told.iter().all(|problem| problem.code != Some("W020")));
}

#[test]
fn secrets_are_cut_out() {
    let main = format!(
        "{LEAST}[database]\nurl = \"mysql://gateway:hunter2@db/x\"\n[[backend]]\nname = \"fixed\"\nkind = \"file\"\npath = \"users.toml\"\n"
    );
    let users = "[[user]]\nname = \"ana\"\npassword = \"hunter2\"\n";
    assert_snapshot!(printed(&[("passerelle.toml", &main), ("users.toml", users)]), @r##"
    error: `url` is no address of a database that we know
      --> passerelle.toml:4:7
       |
     4 | url = …
       |       ^
       = help: such as "sqlite:passerelle.db", "postgres://user@host/name" or "env:NAME"

    error: a password never stands here in clear text
      --> users.toml:3:12
       |
     3 | password = …
       |            ^
       |
       = user "ana" (line 1)
       = help: a hash in PHC form: $argon2id$v=19$m=19456,t=2,p=1$…$…

    passerelle: 2 errors. The running configuration was not changed.
    "##);
}

#[test]
fn long_files_and_values_over_lines() {
    let service =
        format!("{}{WIKI}\tproviders = [\n  \"north\",\n]\nusernames = '''\nx'''\n", "#\n".repeat(996));
    assert_snapshot!(printed(&[("services.d/a.toml", &service)]), @r##"
    error: there is no provider or back-end "north"
        --> services.d/a.toml:1001:3
         |
    1001 |   "north",
         |   ^^^^^^^
         |
         = service "Research Wiki" (line 997)
         = help: a suffix, the name of a back-end, or "local"

    error: `usernames` must be a list of texts, not text
        --> services.d/a.toml:1003:13
         |
    1003 | usernames = '''
         |             ^^^
         |
         = service "Research Wiki" (line 997)

    passerelle: 2 errors. The running configuration was not changed.
    "##);
}

#[test]
fn for_programs() {
    let list =
        problems(&[("services.d/20-wiki.toml", &format!("{WIKI}single_logout = true\nproviders = []\n"))]);
    assert_snapshot!(list.json(), @r##"
    [{"file":"services.d/20-wiki.toml","line":4,"column":1,"end_column":14,"level":"error","code":null,"message":"unknown key `single_logout`","hint":"did you mean `single_log_out`?"},{"file":"services.d/20-wiki.toml","line":5,"column":13,"end_column":15,"level":"error","code":null,"message":"`providers` is empty: nobody could enter","hint":"leave the key out to take all, or write disabled = true"}]
    "##);
    assert_snapshot!(list.github(), @r##"
    ::error file=services.d/20-wiki.toml,line=4,col=1,endColumn=14::unknown key `single_logout`; did you mean `single_log_out`?
    ::error file=services.d/20-wiki.toml,line=5,col=13,endColumn=15::`providers` is empty: nobody could enter; leave the key out to take all, or write disabled = true
    "##);
}

#[test]
fn colours_only_if_asked() {
    let list = problems(&[("services.d/a.toml", "x = 1\n")]);
    assert!(!list.text(false, "").contains('\u{1b}'));
    assert!(list.text(true, "").starts_with("\u{1b}[1;31merror\u{1b}[0m: unknown key `x`\n"));
}

#[test]
fn no_more_than_fifty() {
    let many: String = (0..60).map(|n| format!("k{n} = 1\n")).collect();
    let list = problems(&[("services.d/a.toml", &many)]);
    assert_eq!(list.len(), 60);
    let text = list.text(false, "");
    assert_eq!(text.matches("error:").count(), 50);
    assert!(text.ends_with("… and 10 more\n\npasserelle: 60 errors.\n"));
    assert_eq!(list.github().lines().count(), 50);
}
