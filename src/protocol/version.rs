//! The generations of the protocol that a server can be spoken to in.

/// CAS 1, 2 or 3, or SAML 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CasVersion {
    /// `/validate`: a name and nothing else.
    V1,
    /// `/serviceValidate`.
    V2,
    /// `/p3/serviceValidate`, and `/serviceValidate` where that path does not exist.
    V3,
    /// `/samlValidate`: SAML 1.1 over SOAP.
    Saml1,
}

impl CasVersion {
    /// As it stands in files: `1.0`, `2.0`, `3.0`, `saml1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
            Self::V3 => "3.0",
            Self::Saml1 => "saml1",
        }
    }

    /// Reads what [`CasVersion::as_str`] writes.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::V1, Self::V2, Self::V3, Self::Saml1].into_iter().find(|version| version.as_str() == word)
    }
}
