//! What is wrong with the files, and where.

use std::cmp::Ordering;

/// Most problems that one run shows.
pub const MOST_SHOWN: usize = 50;

/// `server.public_url` is plain http and not for this machine alone.
pub const PLAIN_HTTP: &str = "W001";
/// A test back-end behind a public address.
pub const TEST_BACKEND: &str = "W002";
/// The pattern of a service matches hosts of strangers, and `any_host = true` says that this is meant.
pub const ANY_HOST: &str = "W011";
/// A pattern that no web address fits, mostly since nothing follows its host.
pub const NO_PAGE: &str = "W012";
/// A dot in the host of a pattern that is not escaped.
pub const OPEN_DOT: &str = "W013";
/// A pattern that fits http as well as https.
pub const HTTP_TOO: &str = "W014";
/// A service that nothing reaches, since others before it take all of its addresses.
pub const SHADOWED: &str = "W015";
/// A service that is no web page and names no address for log-out messages.
pub const NEVER_TOLD: &str = "W016";
/// A service that nobody has used for a long time.
pub const UNUSED: &str = "W017";
/// No service is registered.
pub const NO_SERVICE: &str = "W020";
/// A released attribute is sent under another name, since its own is no name in XML.
pub const RENAMED: &str = "W021";

/// An institution is to hand proxy-granting tickets over, and `public_url` is plain http.
pub const PLAIN_DELIVERY: &str = "W025";

/// An institution is reached by plain http, and not on this machine.
pub const PLAIN_INSTITUTION: &str = "W026";
/// A key of an institution that says nothing beside another key, or another institution.
pub const SAYS_NOTHING: &str = "W027";
/// People of several sources are told to a service by an attribute, and two may have the same value.
pub const SHARED_NAME: &str = "W030";
/// Passwords go to a directory by plain ldap, and not on this machine.
pub const PLAIN_DIRECTORY: &str = "W040";
/// A table of users is at another machine, which need not prove that it is the one.
pub const OPEN_TABLE: &str = "W041";
/// A further source of attributes looks people up by what any institution may say of its own.
pub const SAID_BY_OTHERS: &str = "W042";
/// What people of an institution are told ends before it begins.
pub const NOTICE_NEVER: &str = "W043";

/// All codes of warnings.
pub const CODES: [&str; 19] = [
    PLAIN_HTTP,
    TEST_BACKEND,
    ANY_HOST,
    NO_PAGE,
    OPEN_DOT,
    HTTP_TOO,
    SHADOWED,
    NEVER_TOLD,
    UNUSED,
    NO_SERVICE,
    RENAMED,
    PLAIN_DELIVERY,
    PLAIN_INSTITUTION,
    SAYS_NOTHING,
    SHARED_NAME,
    PLAIN_DIRECTORY,
    OPEN_TABLE,
    SAID_BY_OTHERS,
    NOTICE_NEVER,
];

/// Whether the configuration can be used in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It cannot.
    Error,
    /// It can.
    Warning,
}

impl Level {
    /// The word in front of the message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing to mend. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub level: Level,
    /// `W001` and so on; errors have none.
    pub code: Option<&'static str>,
    /// The file as it is called from the folder of `passerelle.toml`.
    pub file: String,
    /// Line of the marked text.
    pub line: usize,
    /// Its first column.
    pub column: usize,
    /// The column behind it, on the same line.
    pub end_column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Words beside the carets.
    pub mark: Option<String>,
    /// The entry that holds it: `service "Research Wiki" (line 1)`.
    pub entry: Option<String>,
    /// Why it is wrong.
    pub notes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
    /// The line, without secrets and control characters; empty where there is none to show.
    pub source: String,
}

impl Problem {
    /// Where it is: `file:line:column`.
    pub fn address(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }

    fn order(&self, other: &Self) -> Ordering {
        (&self.file, self.line, self.column).cmp(&(&other.file, other.line, other.column))
    }
}

/// All problems of one run, by file and line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Takes problems and sorts them.
    pub fn new(mut list: Vec<Problem>) -> Self {
        list.sort_by(Problem::order);
        Self(list)
    }

    /// Adds one that somebody else found.
    pub fn push(&mut self, problem: Problem) {
        let at = self.0.partition_point(|known| known.order(&problem) != Ordering::Greater);
        self.0.insert(at, problem);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are, errors and warnings.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|problem| problem.level == Level::Error).count()
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.len() - self.errors()
    }

    /// Leaves out warnings of these codes.
    pub fn allow(&mut self, codes: &[String]) {
        self.0.retain(|problem| !problem.code.is_some_and(|code| codes.iter().any(|own| own == code)));
    }
}

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn every_code_is_known_and_documented() {
        let constants = include_str!("problem.rs").matches("= \"W0").count();
        assert_eq!(constants, CODES.len());
        let document = include_str!("../../docs/configuration.md");
        for code in CODES {
            assert!(document.contains(&format!("| {code} |")), "{code}");
        }
    }
}
