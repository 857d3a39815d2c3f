//! `passerelle backend` and `check --online`: what an operator sees of back-ends.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::hash::cheap;
use crate::support::server::{Answer, program};

const PASSWORD: &str = "Bridge, over: troubled water";

/// A folder with these back-ends behind a file with one person.
fn desk(more: &str) -> TempDir {
    let hash = cheap(PASSWORD);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "passerelle.toml",
        format!(
            "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n\
             [[backend]]\nname = \"guests\"\nkind = \"test\"\nnames = \"g-.*\"\n\
             [[backend]]\nname = \"staff\"\nkind = \"file\"\npath = \"users.toml\"\nhidden_attributes = [\"room\"]\n{more}"
        ),
    );
    write(
        "users.toml",
        format!(
            "[[user]]\nname = \"brook\"\npassword = \"{hash}\"\n\
             attributes = {{ mail = \"lee@home.example\", groups = [\"staff\", \"library\"], room = \"4\" }}\n"
        ),
    );
    write(
        "services.d/w.toml",
        "[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n".to_owned(),
    );
    write(
        "providers.d/n.toml",
        "[[provider]]\nsuffix = \"north.example\"\nname = \"North\"\nurl = \"https://cas.north.invalid/cas\"\n".to_owned(),
    );
    folder
}

fn command(desk: &TempDir, line: &[&str]) -> Command {
    let mut command = program();
    command.arg("--config").arg(desk.path().join("passerelle.toml")).args(line);
    command
}

/// Runs it, with this on its standard input.
fn run(desk: &TempDir, line: &[&str], typed: &str) -> Answer {
    let mut command = command(desk, line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever does not read it has gone already.
    let _closed = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn test(desk: &TempDir, more: &[&str], typed: &str) -> Answer {
    let answer = run(desk, &[&["backend", "test"], more].concat(), typed);
    assert!(!answer.1.contains(PASSWORD) && !answer.2.contains(PASSWORD), "{answer:?}");
    assert!(!answer.1.contains("$argon2") && !answer.2.contains("$argon2"), "{answer:?}");
    answer
}

/// Mark and step of each line.
fn marks(printed: &str) -> Vec<String> {
    let lines = printed.lines().filter_map(|line| line.strip_prefix("  "));
    lines.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn somebody_step_by_step() {
    let desk = desk("");
    let typed = format!("{PASSWORD}\n");
    let (code, printed, told) = test(&desk, &["staff", "brook", "--password-stdin"], &typed);
    assert_eq!((code, told.as_str()), (Some(0), ""), "{printed}");
    insta::assert_snapshot!(printed, @r"
    staff   file
      ok    name         brook
      ok    password     right
      ok    answer       the password is right
      ok    user         brook
      ok    attributes   mail (1), groups (2)
      ok    not under    room: hidden, ours, or a password
    ");
    let (code, printed, _) = test(&desk, &["staff", "brook", "--no-password", "--values"], "");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("mail = lee@home.example; groups = staff, library"), "{printed}");
    let (code, printed, _) = test(&desk, &["staff", "brook", "--password-stdin", "--format", "json"], &typed);
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &report["steps"][0]["words"]), (Some(0), &"brook".into()));
}

#[test]
fn who_could_not_sign_in() {
    let desk = desk("");
    for (line, typed, last, words) in [
        (["staff", "brook"], "wrong", "FAIL answer", "the password is wrong"),
        (["staff", "nobody"], "x", "FAIL answer", "nobody of that name"),
        (["staff", "brook"], "", "- question", "the password is empty"),
        (["staff", "brook"], &"x".repeat(513), "- question", "more than 512 bytes"),
        (["staff", "brook@NORTH.example"], "x", "- question", "institution `north.example`"),
        (["guests", "test"], "test", "", "`names` does not let it through"),
    ] {
        let (code, printed, told) = test(&desk, &[&line[..], &["--password-stdin"]].concat(), typed);
        assert_eq!((code, told.as_str()), (Some(1), ""), "{line:?}: {printed}");
        assert!(printed.contains(words), "{line:?}: {printed}");
        assert!(last.is_empty() || marks(&printed).last().unwrap() == last, "{line:?}: {printed}");
        assert!(words != "the password is wrong" || printed.contains("FAIL  password"), "{printed}");
    }
    let (code, printed, _) = test(&desk, &["staff", "nobody", "--no-password"], "");
    assert!(code == Some(1) && printed.contains("nobody of that name"), "{printed}");
    let (code, printed, _) = test(&desk, &["staff", "g-eve", "--no-password"], "");
    assert!(code == Some(1) && printed.contains("guests: whoever knows the name decides"), "{printed}");
    let (code, _, told) = test(&desk, &["nowhere", "brook", "--no-password"], "");
    assert!(code == Some(1) && told.contains("there is no back-end \"nowhere\""), "{told}");
    let (code, _, told) = test(&desk, &["staff", "brook"], "");
    assert!(code == Some(3) && told.contains("no terminal to ask for the password"), "{told}");
    assert_eq!(run(&desk, &["backend", "test", "staff"], "").0, Some(2));
    assert_eq!(
        run(&desk, &["backend", "test", "staff", "b", "--no-password", "--password-stdin"], "").0,
        Some(2)
    );
}

#[test]
fn what_there_is() {
    let more = "[[backend]]\nname = \"people\"\nkind = \"sql\"\nurl = \"sqlite:p.db\"\nsign_in = false\n\
        [[attributes]]\nbackend = \"people\"\nfor = [\"north.example\"]\n";
    let desk = desk(more);
    let (code, printed, _) = run(&desk, &["backend", "list"], "");
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(printed, @r"
    NAME    KIND  SIGN-IN  NAMES  ATTRIBUTES FOR
    guests  test  yes      g-.*   -
    staff   file  yes      all    -
    people  sql   no       all    north.example
    ");
    let (_, printed, _) = run(&desk, &["backend", "list", "--format", "json"], "");
    let list: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(list[1]["hidden_attributes"], serde_json::json!(["room"]));
    assert_eq!((&list[0]["names"], &list[1]["names"]), (&"g-.*".into(), &Value::Null));
}

/// A table that answers, and not what it was asked: no silence.
#[test]
fn one_that_answers_something_else() {
    let table = "[[backend]]\nname = \"table\"\nkind = \"sql\"\nurl = \"sqlite:people.db\"\npassword_check = \"argon2\"\n\
        query = \"SELECT username, mail AS password, mail FROM people WHERE username = ?\"\n";
    let desk = desk(&format!(
        "{table}{}",
        table.replace("\"table\"", "\"short\"").replace("mail AS password, ", "")
    ));
    let path = desk.path().join("people.db");
    let rows = "CREATE TABLE people (username, mail); INSERT INTO people VALUES ('ada', 'not a hash'), ('twin', 'a'), ('twin', 'b')";
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        use sqlx::{ConnectOptions, Connection, Executor};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        connection.execute(sqlx::raw_sql(rows)).await.unwrap();
        connection.close().await.unwrap();
    });
    for (name, failed, hint) in [
        ("ada", "FAIL password", "hint: the stored password is not of the kind"),
        ("twin", "FAIL query", "hint: nobody can sign in with a name that has several rows"),
        ("nobody", "FAIL query", "nobody of that name"),
    ] {
        let (code, printed, _) = test(&desk, &["table", name, "--password-stdin"], "x\n");
        assert_eq!(code, Some(1), "{printed}");
        assert!(marks(&printed).contains(&failed.to_owned()) && printed.contains(hint), "{printed}");
    }
    let (code, printed, told) = test(&desk, &["short", "ada", "--password-stdin"], "x");
    assert_eq!(code, Some(3), "{printed}");
    assert!(
        told.contains("answers, but not what it is asked") && !told.contains("does not answer"),
        "{told}"
    );
    assert!(
        marks(&printed).last().unwrap() == "FAIL columns" && printed.contains("hint: the back-end answers"),
        "{printed}"
    );
    let (code, printed, _) = test(&desk, &["table", "ada", "--no-password", "--format", "json"], "");
    let report: Value = serde_json::from_str(&printed).unwrap();
    let whats = report["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap());
    assert_eq!((code, whats.filter(|what| *what == "attributes").count()), (Some(0), 1), "{printed}");
}

/// One that nobody can ask: exit code 3 for it alone, a problem among all.
#[test]
fn one_that_does_not_answer() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let desk = desk(&format!("[[backend]]\nname = \"far\"\nkind = \"http\"\nurl = \"http://{free}/\"\n"));
    std::fs::remove_file(desk.path().join("providers.d/n.toml")).unwrap();
    let (code, printed, told) = test(&desk, &["far", "brook", "--password-stdin"], "x");
    assert_eq!(code, Some(3), "{printed}");
    assert!(told.contains("the back-end \"far\" does not answer"), "{told}");
    assert!(marks(&printed).contains(&"FAIL question".to_owned()), "{printed}");

    let (code, printed, _) = run(&desk, &["check", "--online"], "");
    assert_eq!(code, Some(1), "{printed}");
    let row = |name: &str| {
        let line = printed.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{printed}"));
        line.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((row("guests").as_str(), row("staff").as_str()), ("guests ok", "staff ok"));
    assert_eq!(row("far"), "far FAIL question");
    assert!(printed.contains("hint for far: until this is mended"), "{printed}");
    assert!(printed.contains("\nfar   http\n  FAIL  question"), "{printed}");
    let (code, printed, _) = run(&desk, &["check", "--online", "--format", "json"], "");
    let all: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &all["backends"][2]["name"]), (Some(1), &"far".into()));
    assert_eq!(all["backends"][2]["steps"][0]["state"], "fail");
    let (code, printed, _) = run(&desk, &["check", "--online", "--format", "github"], "");
    assert_eq!(code, Some(1));
    assert!(printed.starts_with("::error file=passerelle.toml,line=12::far: question: "), "{printed}");
}
