//! The two ways in which a use case does not succeed: we say no, or something broke.

use std::sync::Arc;

use crate::domain::code::Code;
use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::protocol::params::LoginParams;
use crate::protocol::refusal::Refusal;
use crate::store::StoreError;

/// A use case that does not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no: a code, and words for the guest.
    #[error(transparent)]
    Refusal(#[from] Refused),
    /// Something broke: a reference for the guest, the cause for the log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A no.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {reason}", code.as_str())]
pub struct Refused {
    /// The code of the page.
    pub code: Code,
    /// For the log; never shown.
    pub reason: String,
    /// For the page.
    pub about: Box<About>,
}

/// What a page may tell of a refusal.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Where the person wanted to go, if it is registered.
    pub destination: Option<Destination>,
    /// The address that is not registered, as it was asked for.
    pub address: Option<String>,
    /// The institution.
    pub provider: Option<Arc<Provider>>,
    /// The name of an institution or account that is not accepted.
    pub account: Option<String>,
    /// The attribute that is missing or wanted.
    pub attribute: Option<String>,
    /// There is nothing to sign in with: no fault of the person.
    pub no_way: bool,
    /// With what the person can try again.
    pub retry: Option<LoginParams>,
    /// The page of ours where that is, if not `/login`.
    pub retry_at: Option<&'static str>,
}

impl About {
    /// What concerns an institution.
    pub fn of(provider: &Arc<Provider>) -> Self {
        Self { account: Some(provider.name.clone()), provider: Some(Arc::clone(provider)), ..Self::default() }
    }
}

/// Something that broke.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a service that asks us does not get what it asks for.
#[derive(Debug, thiserror::Error)]
pub enum NotGiven {
    /// The protocol says no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Fault {
    /// The code of the page.
    pub fn code(&self) -> Code {
        match self {
            Self::Store(StoreError::Unavailable(_)) => Code::ServerStorage,
            Self::Store(_) => Code::ServerError,
        }
    }
}

impl Refused {
    /// A refusal that needs no further words.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), about: Box::default() }
    }

    /// The same with what the page may tell.
    pub fn about(self, about: About) -> Self {
        Self { about: Box::new(about), ..self }
    }
}

impl From<StoreError> for NotGiven {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Fault(Fault::Store(error))
    }
}
