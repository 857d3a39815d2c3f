//! The program itself: its files, its exit codes, and how it ends.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use wait_timeout::ChildExt;

use crate::support::house::Database;

/// A folder with `passerelle.toml` and what lies beside it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
    command.arg("--config").arg(folder.join("passerelle.toml"));
    for name in ["PASSERELLE_CONFIG", "PASSERELLE_LOG", "PASSERELLE_STORY"] {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = program(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

const GOOD: &str = r#"
[server]
public_url = "http://127.0.0.1:8090/cas"
[[backend]]
name = "desk"
kind = "test"
"#;

#[test]
fn good_files_have_no_problems() {
    let folder = folder(&[
        ("passerelle.toml", GOOD),
        ("services.d/10-wiki.toml", "[[service]]\nname = \"Wiki\"\nurl = \"https://wiki.example/**\"\n"),
        (
            "providers.d/north.toml",
            "[[provider]]\nsuffix = \"north.example\"\nname = \"N\"\nurl = \"https://cas.north.example\"\n",
        ),
    ]);
    assert_eq!(run(folder.path(), &["check"]), (Some(0), "no problems\n".to_owned(), String::new()));
    assert_eq!(run(folder.path(), &["check", "--strict"]).0, Some(0));
    let (code, out, _) = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(code, Some(0));
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
}

#[test]
fn all_problems_are_told_in_one_run() {
    let folder = folder(&[
        (
            "passerelle.toml",
            "[server]\npublic_url = \"login.example\"\nlissen = \"127.0.0.1:1\"\n[session]\nidle = \"soon\"\n",
        ),
        (
            "services.d/a.toml",
            "[[service]]\nname = \"A\"\nurl = \"https://*/**\"\n\n[[service]]\nname = \"A\"\npattern = '^https://.*'\n",
        ),
        ("services.d/b.toml", "[[service]\n"),
        (
            "providers.d/n.toml",
            "[[provider]]\nsuffix = \"local\"\nname = \"N\"\nurl = \"https://cas.north.example/login\"\n",
        ),
    ]);
    for command in ["check", "serve"] {
        let (code, out, told) = run(folder.path(), &[command]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{told}");
        for place in [
            "passerelle.toml:2:",
            "passerelle.toml:3:",
            "passerelle.toml:5:",
            "services.d/a.toml:3:",
            "services.d/a.toml:6:",
            "services.d/b.toml:1:",
            "providers.d/n.toml:2:",
            "providers.d/n.toml:4:",
        ] {
            assert!(told.contains(place), "{place} in {told}");
        }
    }
    let (code, out, _) = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(code, Some(1));
    assert!(serde_json::from_str::<serde_json::Value>(&out).unwrap().to_string().contains("lissen"));
    let (code, out, _) = run(folder.path(), &["check", "--format", "github"]);
    assert!(code == Some(1) && out.contains("::error "), "{out}");
    assert!(!folder.path().join("passerelle.db").exists(), "nothing was started");
}

#[test]
fn warnings_fail_only_when_they_are_to() {
    let folder = folder(&[
        ("passerelle.toml", GOOD),
        ("services.d/open.toml", "[[service]]\nname = \"Open\"\npattern = '^https://.*'\nany_host = true\n"),
    ]);
    let (code, _, told) = run(folder.path(), &["check"]);
    assert!(code == Some(0) && told.contains("services.d/open.toml:3"), "{told}");
    assert_eq!(run(folder.path(), &["check", "--strict"]).0, Some(1));
}

#[test]
fn what_cannot_be_read_at_all_is_another_code() {
    let empty = tempfile::tempdir().unwrap();
    for command in ["check", "serve"] {
        let (code, out, told) = run(empty.path(), &[command]);
        assert_eq!((code, out.as_str()), (Some(3), ""));
        assert!(told.contains("passerelle.toml"), "{told}");
    }
    assert_eq!(run(empty.path(), &["no-such-command"]).0, Some(2));
    assert_eq!(run(empty.path(), &[]).0, Some(2));
}

#[test]
fn a_secret_of_the_environment_must_be_there_and_is_not_told() {
    let main = format!("{GOOD}[database]\nurl = \"env:PASSERELLE_STORY\"\n");
    let folder = folder(&[("passerelle.toml", main.as_str())]);
    let (code, _, told) = run(folder.path(), &["check"]);
    assert!(code == Some(1) && told.contains("PASSERELLE_STORY"), "{told}");
    let secret = "postgres://p:hunter2@[/x";
    let Output { status, stderr, .. } =
        program(folder.path()).arg("serve").env("PASSERELLE_STORY", secret).output().unwrap();
    let told = String::from_utf8(stderr).unwrap();
    assert!(status.code() != Some(0) && !told.contains("hunter2"), "{told}");
}

#[test]
fn serve_needs_its_port_and_its_database() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = |address: &str| GOOD.replace("[[backend]]", &format!("listen = \"{address}\"\n[[backend]]"));
    let busy = folder(&[("passerelle.toml", listen(&taken.local_addr().unwrap().to_string()).as_str())]);
    let (code, _, told) = run(busy.path(), &["serve"]);
    assert!(code == Some(3) && told.contains("cannot listen on"), "{told}");
    let lost = format!("{}[database]\nurl = \"sqlite:no/such/folder/p.db\"\n", listen("127.0.0.1:0"));
    let lost = folder(&[("passerelle.toml", lost.as_str())]);
    let (code, _, told) = run(lost.path(), &["serve"]);
    assert!(code == Some(3) && told.contains("database"), "{told}");
}

/// A program that is stopped when the story ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// Serves at a free port. Out: the program, and its address.
fn serve(folder: &TempDir, database: &Database) -> (Running, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let main = format!(
        "[server]\npublic_url = \"http://127.0.0.1:{port}/cas\"\nlisten = \"127.0.0.1:{port}\"\n\
         [database]\nurl = \"{}\"\n[[backend]]\nname = \"desk\"\nkind = \"test\"\n",
        database.url()
    );
    std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
    let mut command = program(folder.path());
    command.arg("serve").env("PASSERELLE_LOG", "debug").stderr(Stdio::piped()).stdout(Stdio::piped());
    let child = Running(command.spawn().unwrap());
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return (child, format!("http://127.0.0.1:{port}/cas"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it does not listen");
}

fn stop(mut running: Running, signal: Signal) -> (Option<i32>, String) {
    let id = i32::try_from(running.0.id()).unwrap();
    kill(Pid::from_raw(id), signal).unwrap();
    let status = running.0.wait_timeout(Duration::from_secs(8)).unwrap();
    let code = status.expect("it ends within seconds").code();
    let mut told = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    (code, told)
}

#[tokio::test]
async fn serve_answers_until_it_is_asked_to_stop_and_remembers() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::fresh());
    let http = passerelle::outbound::client(None).unwrap();
    let (running, base) = serve(&folder, &database);
    let form = http.get(format!("{base}/login")).send().await.unwrap();
    let mark = form.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let html = crate::support::house::read(form).await;
    let lt = crate::support::form::Form::all(&html)[0].value("lt").unwrap().to_owned();
    // A connection that asks nothing holds nobody up.
    let idle =
        std::net::TcpStream::connect(base.trim_start_matches("http://").trim_end_matches("/cas")).unwrap();
    let (code, told) = stop(running, Signal::SIGTERM);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(&format!("at {base} ")) && told.contains("backends=1"), "{told}");
    drop(idle);

    let (running, base) = serve(&folder, &database);
    let fields = [("lt", lt.as_str()), ("username", "test"), ("password", "test")];
    let typed =
        http.post(format!("{base}/login")).header("cookie", &mark).form(&fields).send().await.unwrap();
    assert_eq!(typed.status(), 303, "a form of before the restart still counts");
    let cookie = typed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let (code, told) = stop(running, Signal::SIGINT);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(crate::support::logs::leak(&told, &[lt, cookie.clone()]), None);

    let (running, base) = serve(&folder, &database);
    let page = http.get(format!("{base}/login")).header("cookie", &cookie).send().await.unwrap();
    assert!(crate::support::house::read(page).await.contains("Signed in"), "and so does the session");
    assert_eq!(stop(running, Signal::SIGTERM).0, Some(0));
}
