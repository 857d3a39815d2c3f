//! Ways to an institution that are not those of everybody: a certificate of ours, a proxy between.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use passerelle::client::{Server, ValidateError};
use passerelle::outbound::{OutboundError, Route, client_on};
use passerelle::protocol::version::CasVersion;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::{ask, client_by};
use crate::support::authority::{Authority, Paper};
use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::trouble::flawless;
use crate::support::wire::{Act, Wire, http};
use crate::support::{Browser, FakeCas, House};

/// An authority, a server of it that talks to nobody without a certificate of it, and such a certificate.
struct Club {
    folder: tempfile::TempDir,
    acceptor: TlsAcceptor,
}

impl Club {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("authority.pem"), certificate.pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let authority = Issuer::new(params, key);
        let issue = |host: &str, use_for: ExtendedKeyUsagePurpose| {
            let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
            params.extended_key_usages = vec![use_for];
            let key = KeyPair::generate().unwrap();
            (params.signed_by(&key, &authority).unwrap(), key)
        };
        let (ours, key) = issue("login.example", ExtendedKeyUsagePurpose::ClientAuth);
        std::fs::write(folder.path().join("ours.pem"), ours.pem()).unwrap();
        std::fs::write(folder.path().join("ours.key"), key.serialize_pem()).unwrap();
        let (theirs, key) = issue("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth);
        let provider = Arc::new(default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![theirs.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        Self { folder, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn route(&self) -> Route {
        let identity = Some((self.file("ours.pem"), self.file("ours.key")));
        Route { only: Some(self.file("authority.pem")), identity, proxy: None }
    }
}

#[tokio::test]
async fn a_certificate_of_ours() {
    let club = Club::new();
    let wire =
        Wire::over_tls(club.acceptor.clone(), vec![vec![Act::Says(http(200, &[], flawless("ada")))]]).await;
    let server = Server::new(wire.base(), CasVersion::V3);
    assert_eq!(ask(&client_by(&club.route(), server.clone())).await.unwrap().user, "ada");
    let nobody = Route { identity: None, ..club.route() };
    let told = ask(&client_by(&nobody, server.clone())).await;
    assert!(matches!(told, Err(ValidateError::Tls(_))), "{told:?}");
    // Of another authority.
    let other = Club::new();
    let stranger = Route { only: Some(club.file("authority.pem")), ..other.route() };
    assert!(ask(&client_by(&stranger, server)).await.is_err());
    assert_eq!(wire.heard().len(), 1);
}

#[tokio::test]
async fn files_that_are_no_identity() {
    let club = Club::new();
    std::fs::write(club.file("empty.pem"), "").unwrap();
    for (certificate, key) in
        [("ours.pem", "empty.pem"), ("empty.pem", "ours.key"), ("ours.pem", "authority.pem")]
    {
        let identity = Some((club.file(certificate), club.file(key)));
        let built = client_on(&Route { identity, ..club.route() }, None);
        assert!(built.is_err(), "{certificate} {key}");
    }
    let identity = Some((club.file("ours.pem"), club.file("none.key")));
    let built = client_on(&Route { identity, ..club.route() }, None);
    assert!(matches!(built, Err(OutboundError::Unreadable { .. })));
    // What is told of when files are read stands in the tests of the configuration; it holds here all the same.
    for (name, content) in [
        ("p521.key", include_str!("../../src/config/tests/pairs/p521.key")),
        ("secp256k1.key", include_str!("../../src/config/tests/pairs/secp256k1.key")),
        ("rsa1024.key", include_str!("../../src/config/tests/pairs/rsa1024.key")),
        ("v1.pem", include_str!("../../src/config/tests/pairs/v1.pem")),
        ("v1.key", include_str!("../../src/config/tests/pairs/v1.key")),
    ] {
        std::fs::write(club.file(name), content).unwrap();
    }
    for (certificate, key) in [
        ("ours.pem", "p521.key"),
        ("ours.pem", "secp256k1.key"),
        ("ours.pem", "rsa1024.key"),
        ("ours.pem", "v1.key"),
        ("v1.pem", "v1.key"),
    ] {
        let identity = Some((club.file(certificate), club.file(key)));
        let built = client_on(&Route { identity, ..club.route() }, None);
        assert!(built.is_err(), "{certificate} {key}");
    }
}

/// The keys of an entry lead there.
#[tokio::test]
async fn a_certificate_that_an_entry_names() {
    let club = Club::new();
    let wire =
        Wire::over_tls(club.acceptor.clone(), vec![vec![Act::Says(http(200, &[], flawless("ada")))]]).await;
    let mut entry = crate::support::fake_cas::entry("club.example", "Club", wire.base());
    let mut builder = House::with();
    for (key, name) in
        [("ca_file", "authority.pem"), ("client_cert_file", "ours.pem"), ("client_key_file", "ours.key")]
    {
        let path = club.file(name).display().to_string();
        entry.push_str(&format!("{key} = {path:?}\n"));
        builder = builder.file(&path, std::fs::read(&path).unwrap());
    }
    let house = builder.provider(&entry).start().await;
    let browser = Browser::at(&house);
    let away = browser.get(&by(WIKI, "club.example")).await;
    let back = format!("{}&ticket=ST-1", away.location_param("service").unwrap());
    let ticket = browser.follow_home(browser.get(&back).await).await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@club.example");
}

/// An HTTP proxy: tunnels, and passes plain requests on.
struct Between {
    address: String,
    lines: Arc<Mutex<Vec<String>>>,
    _stop: tokio_util::sync::DropGuard,
}

impl Between {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (lines, stop) = (Arc::new(Mutex::new(Vec::new())), tokio_util::sync::CancellationToken::new());
        let inside = Arc::clone(&lines);
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(pass_on(stream, Arc::clone(&inside)));
            }
        }));
        Self { address, lines, _stop: stop.drop_guard() }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

async fn pass_on(mut stream: TcpStream, lines: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let (line, rest) = head.split_once("\r\n")?;
    lines.lock().unwrap().push(line.to_owned());
    let [method, target, version] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let mut further = if method == "CONNECT" {
        let further = TcpStream::connect(target).await.ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        further
    } else {
        let (authority, path) = target.strip_prefix("http://")?.split_once('/')?;
        let mut further = TcpStream::connect(authority).await.ok()?;
        further.write_all(format!("{method} /{path} {version}\r\n{rest}").as_bytes()).await.ok()?;
        further
    };
    copy_bidirectional(&mut stream, &mut further).await.ok()?;
    Some(())
}

#[tokio::test]
async fn a_proxy_on_the_way() {
    let authority = Authority::new(Paper::Good);
    let answer = || vec![vec![Act::Says(http(200, &[], flawless("ada")))]];
    let secret = Wire::over_tls(authority.acceptor(), answer()).await;
    let plain = Wire::with(answer()).await;
    let between = Between::open().await;
    let proxy = Some(between.address.clone());
    let route = Route { only: Some(authority.ca_file()), identity: None, proxy };
    for wire in [&secret, &plain] {
        let told = ask(&client_by(&route, Server::new(wire.base(), CasVersion::V3))).await;
        assert_eq!(told.unwrap().user, "ada");
        assert_eq!(wire.connections(), 1);
    }
    let lines = between.lines();
    assert_eq!(lines[0], format!("CONNECT {} HTTP/1.1", secret.base().trim_start_matches("https://")));
    assert!(lines[1].starts_with(&format!("GET {}/p3/serviceValidate?service=", plain.base())), "{lines:?}");
    // Whom it leads to is verified all the same.
    let other = Authority::new(Paper::Good);
    let route = Route { only: Some(other.ca_file()), ..route };
    let told = ask(&client_by(&route, Server::new(secret.base(), CasVersion::V3))).await;
    assert!(matches!(told, Err(ValidateError::Tls(_))), "{told:?}");
}

/// The key of an entry leads there, and only the institution of that entry is reached so.
#[tokio::test]
async fn a_proxy_that_an_entry_names() {
    let (north, south) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().knows("eve").start().await);
    let between = Between::open().await;
    let entry = format!("{}http_proxy = {:?}\n", north.entry("north.example", "North"), between.address);
    let house = House::with().provider(&entry).provider(&south.entry("south.example", "South")).start().await;
    for (suffix, passed) in [("north.example", 1), ("south.example", 1)] {
        Browser::at(&house).arrives(WIKI, suffix).await.ticket();
        assert_eq!(between.lines().len(), passed, "{suffix}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let gone = crate::support::fake_cas::nobody().await;
    let proxy = Some(gone.trim_end_matches("/sso").to_owned());
    let wire = Wire::saying(http(200, &[], flawless("ada"))).await;
    let told =
        ask(&client_by(&Route { proxy, ..Route::default() }, Server::new(wire.base(), CasVersion::V3))).await;
    assert!(matches!(told, Err(ValidateError::Unreachable(_))), "{told:?}");
    assert_eq!(wire.connections(), 0);
}
