//! A private authority, and the certificates that a server of it may show: good ones and others.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// What a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Signed by its authority, for its address, in its time.
    Good,
    /// Signed by an authority of the same name that is another one.
    OfAnotherAuthority,
    /// Out of date since 2021.
    Expired,
    /// Of the year 2120.
    NotYetValid,
    /// For another host.
    ForAnotherHost,
    /// Signed by nobody but itself.
    SelfSigned,
}

/// An authority with one server.
#[derive(Debug)]
pub struct Authority {
    folder: tempfile::TempDir,
    chain: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    texts: (String, String),
}

impl Authority {
    pub fn new(paper: Paper) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (published, trusted) = authority();
        std::fs::write(folder.path().join("authority.pem"), published).unwrap();
        let host = if paper == Paper::ForAnotherHost { "elsewhere.example" } else { "127.0.0.1" };
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        match paper {
            Paper::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2021, 1, 1);
            }
            Paper::NotYetValid => params.not_before = date_time_ymd(2120, 1, 1),
            _ => {}
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match paper {
            Paper::SelfSigned => params.self_signed(&key),
            Paper::OfAnotherAuthority => params.signed_by(&key, &authority().1),
            _ => params.signed_by(&key, &trusted),
        };
        let certificate = certificate.unwrap();
        let texts = (certificate.pem(), key.serialize_pem());
        std::fs::write(folder.path().join("server.pem"), &texts.0).unwrap();
        std::fs::write(folder.path().join("server.key"), &texts.1).unwrap();
        Self { folder, chain: certificate.der().clone(), key: key.serialize_der().into(), texts }
    }

    /// The certificate of the server and its key, for programs that want files.
    pub fn pem_files(&self) -> (PathBuf, PathBuf) {
        (self.folder.path().join("server.pem"), self.folder.path().join("server.key"))
    }

    /// The file that a provider names.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// The certificate of the server and its key, in PEM form.
    pub fn texts(&self) -> (&str, &str) {
        (&self.texts.0, &self.texts.1)
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.chain.clone()], self.key.clone_key().into())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Out: the certificate as PEM, and what signs with it.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), Issuer::new(params, key))
}
