//! A real directory for tests: OpenLDAP's slapd, in a temporary folder, on loopback ports of its own.
//!
//! Like PostgreSQL it runs under a small shell that waits for the end of its input, so it ends with this
//! process, whatever way that ends.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use super::authority::{Authority, Paper};

/// Below which everything is.
pub const BASE: &str = "dc=meridian,dc=example";
/// The account that searches, and its password.
pub const GATEWAY: (&str, &str) = ("cn=gateway,ou=services,dc=meridian,dc=example", "Lantern at the gate: 9");

/// What the guard does.
const GUARD: &str = r#"
"$1" -d 0 -f "$2/slapd.conf" -h "$3" >"$2/log" 2>&1 &
server=$!
echo started
read -r _
kill -INT $server
wait $server
[ "$4" = keep ] || rm -rf "$2"
"#;

const SCHEMA: &str = r"
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch
  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.2.102 NAME 'memberOf' EQUALITY distinguishedNameMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.146 NAME 'objectSid' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9 NAME 'account365' SUP top AUXILIARY
  MAY ( sAMAccountName $ userPrincipalName $ userAccountControl $ memberOf $ objectGUID $ objectSid
  $ nsAccountLock ) )
";

/// Passwords are read by the account that searches, and the room number by nobody but its owner.
const ACCESS: &str = "
access to attrs=userPassword
  by dn.exact=\"cn=gateway,ou=services,dc=meridian,dc=example\" read
  by anonymous auth
access to attrs=roomNumber by self read by * none
access to * by * read
";

/// A directory. Stops on drop.
pub struct Slapd {
    authority: Authority,
    guard: Option<Child>,
    folder: PathBuf,
    plain: u16,
    tls: u16,
    /// Whether its folder goes with it even where nothing is dropped: at the end of the process.
    goes: bool,
}

impl Slapd {
    /// The directory of this process with a good certificate, started by whoever asks first. `None`: slapd is not
    /// installed, and nobody said that it must be.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Slapd>> = OnceLock::new();
        SERVER.get_or_init(|| Self::with(Paper::Good, true)).as_ref()
    }

    /// A directory of one's own.
    pub fn start(paper: Paper) -> Option<Self> {
        Self::with(paper, false)
    }

    fn with(paper: Paper, goes: bool) -> Option<Self> {
        let program = program("slapd")?;
        let authority = Authority::new(paper);
        let folder = tempfile::Builder::new().prefix("passerelle-ldap-").tempdir().expect("a folder").keep();
        std::fs::create_dir(folder.join("data")).expect("a folder");
        std::fs::write(folder.join("local.schema"), SCHEMA).expect("a schema");
        std::fs::write(folder.join("slapd.conf"), conf(&folder, &authority)).expect("a configuration");
        let mut load = Command::new(self::program("slapadd").expect("it comes with slapd"));
        let mut load = load
            .arg("-f")
            .arg(folder.join("slapd.conf"))
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("slapadd");
        let ldif = include_str!("../ldap/people.ldif");
        load.stdin.take().expect("piped").write_all(ldif.as_bytes()).expect("entries");
        let done = load.wait_with_output().expect("slapadd");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let mut slapd = Self { authority, guard: None, folder, plain: 0, tls: 0, goes };
        for _ in 0..5 {
            (slapd.plain, slapd.tls) = two_ports();
            if slapd.run(&program) {
                return Some(slapd);
            }
        }
        panic!(
            "slapd does not start: {}",
            std::fs::read_to_string(slapd.folder.join("log")).unwrap_or_default()
        );
    }

    /// The address without TLS.
    pub fn plain(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.plain)
    }

    /// The address with TLS.
    pub fn tls(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.tls)
    }

    /// The authority that its certificate should be of.
    pub fn ca_file(&self) -> PathBuf {
        self.authority.ca_file()
    }

    /// Stops it, and keeps what it has.
    pub fn stop(&mut self) {
        self.end();
    }

    /// Starts it again at the same addresses.
    pub fn again(&mut self) {
        let program = program("slapd").expect("it ran before");
        assert!(self.run(&program), "slapd does not come back");
    }

    /// Out: whether it answers.
    fn run(&mut self, program: &Path) -> bool {
        let socket = self.folder.join("ldapi").display().to_string().replace('/', "%2F");
        let addresses = format!("{} {} ldapi://{socket}", self.plain(), self.tls());
        let mut guard = Command::new("/bin/sh");
        guard.args(["-c", GUARD, "guard"]).arg(program).arg(&self.folder).arg(addresses);
        guard.arg(if self.goes { "remove" } else { "keep" });
        guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().expect("sh");
        let mut line = String::new();
        let _ = BufReader::new(guard.stdout.take().expect("piped")).read_line(&mut line);
        self.guard = Some(guard);
        for _ in 0..500 {
            if [self.plain, self.tls].into_iter().all(|port| TcpStream::connect(("127.0.0.1", port)).is_ok())
            {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.end();
        false
    }

    fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Two ports that nobody listens at.
fn two_ports() -> (u16, u16) {
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (one, other) = (listen(), listen());
    (one.local_addr().expect("bound").port(), other.local_addr().expect("bound").port())
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests should see what was not run")]
fn program(name: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/lib/openldap"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file());
    let required = std::env::var_os("REQUIRE_SLAPD").is_some_and(|value| !value.is_empty() && value != "0");
    assert!(found.is_some() || !required, "$REQUIRE_SLAPD is set, and there is no {name}");
    if found.is_none() {
        eprintln!("no {name} here: stories of directories are left out");
    }
    found
}

fn conf(folder: &Path, authority: &Authority) -> String {
    let folder = folder.display();
    let (certificate, key) = authority.pem_files();
    format!(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\ninclude {folder}/local.schema\n\
         modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {folder}/pid\n\
         TLSCertificateFile {}\nTLSCertificateKeyFile {}\nTLSVerifyClient never\n\
         database mdb\nsuffix \"{BASE}\"\nrootdn \"cn=root,{BASE}\"\ndirectory {folder}/data\nmaxsize 16777216\n\
         dbnosync\n{ACCESS}",
        certificate.display(),
        key.display(),
    )
}
