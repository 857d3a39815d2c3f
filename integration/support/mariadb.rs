//! A real MariaDB for tests: in a temporary folder, on a socket and a loopback port.
//!
//! As with PostgreSQL, a small shell waits for the end of its input, then stops the server and removes the folder.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::unistd::{User, geteuid};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::authority::{Authority, Paper};

/// A running server. Stops with this process.
pub struct MariaDb {
    _guard: Child,
    folder: PathBuf,
    port: u16,
    authority: Authority,
    databases: AtomicU32,
}

/// What the guard does. The server takes no settings of the machine, and writes nothing that outlives it.
const GUARD: &str = r#"
"$1" --no-defaults --datadir="$2/data" --socket="$2/socket" --pid-file="$2/pid" --bind-address=127.0.0.1 \
  --port="$3" --tmpdir="$2" --skip-log-bin --skip-name-resolve --innodb-flush-log-at-trx-commit=0 \
  --ssl-cert="$2/certificate.pem" --ssl-key="$2/key.pem" \
  --innodb-log-file-size=4M --innodb-buffer-pool-size=16M --max-connections=100 >"$2/log" 2>&1 &
server=$!
echo started
read -r _
kill -TERM $server
wait $server
rm -rf "$2"
"#;

impl MariaDb {
    /// The server of this process, started by whoever asks first. `None` where MariaDB is not installed, unless
    /// `REQUIRE_MARIADB` says that it must be.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<MariaDb>> = OnceLock::new();
        SERVER.get_or_init(Self::start).as_ref()
    }

    fn start() -> Option<Self> {
        let Some((server, install)) = program("mariadbd").zip(program("mariadb-install-db")) else {
            let must_be = std::env::var_os("REQUIRE_MARIADB").is_some_and(|value| value == "1");
            assert!(
                !must_be,
                "`mariadbd` and `mariadb-install-db` are neither in /usr/sbin, /usr/bin nor $PATH"
            );
            return None;
        };
        // The server refuses to run as root.
        let account = geteuid().is_root().then(|| {
            let named = |name| User::from_name(name).ok().flatten();
            named("mysql").or_else(|| named("nobody")).expect("an account `mysql` or `nobody`")
        });
        let folder = tempfile::Builder::new().prefix("passerelle-my-").tempdir().expect("a folder").keep();
        let data = folder.join("data");
        fs::create_dir(&data).expect("a folder");
        if let Some(user) = &account {
            for path in [&folder, &data] {
                let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
                std::os::unix::fs::chown(path, Some(uid), Some(gid)).expect("chown");
            }
        }
        let mut initialise = command(&install, account.as_ref());
        initialise.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        initialise.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--force"]);
        initialise.args(["--innodb-log-file-size=4M", "--aria-log-file-size=8M"]);
        let done = initialise.current_dir(&folder).stdin(Stdio::null()).output().expect("mariadb-install-db");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let authority = Authority::new(Paper::Good);
        let (certificate, key) = authority.texts();
        fs::write(folder.join("certificate.pem"), certificate).expect("a certificate");
        fs::write(folder.join("key.pem"), key).expect("a key");
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let mut guard = command(Path::new("/bin/sh"), account.as_ref());
        guard.args(["-c", GUARD, "guard"]).arg(&server).arg(&folder).arg(port.to_string());
        guard.current_dir(&folder).process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().expect("sh");
        let mut line = String::new();
        let _ = BufReader::new(guard.stdout.take().expect("piped")).read_line(&mut line);
        wait_until_ready(&folder);
        Some(Self { _guard: guard, folder, port, authority, databases: AtomicU32::new(0) })
    }

    /// The name of a new, empty database.
    pub async fn fresh_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute("", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await;
        name
    }

    /// Its address through the socket.
    pub fn by_socket(&self, database: &str) -> String {
        format!("mysql://root@/{database}?socket={}", self.folder.join("socket").display())
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file of the authority that signed its certificate for 127.0.0.1.
    pub fn ca_file(&self) -> PathBuf {
        self.authority.ca_file()
    }

    /// Runs statements in a database.
    pub async fn execute(&self, database: &str, statements: &str) {
        let url = self.by_socket(database).replace("@/", "@localhost/");
        let mut connection = MySqlConnection::connect(&url).await.expect("a connection");
        let statements = AssertSqlSafe(statements.to_owned());
        connection.execute(sqlx::raw_sql(statements)).await.expect("statements");
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        ["/usr/sbin", "/usr/bin"].map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn command(program: &Path, account: Option<&User>) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = account {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// The log says when the server takes connections.
fn wait_until_ready(folder: &Path) {
    let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
    for _ in 0..1500 {
        if log().contains("ready for connections") {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("MariaDB does not start: {}", log());
}
