use super::{ANA, BEN, Desk, account, add, found, hash, house};
use crate::support::Browser;
use crate::support::server::Answer;

const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFzc2VyZWxsZS1zYWx0$W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";

impl Desk {
    fn import(&self, table: &str, more: &[&str]) -> Answer {
        let file = self.0.path().join("people.csv");
        std::fs::write(&file, table).unwrap();
        self.run(&[&["import", file.to_str().unwrap()], more].concat())
    }
}

#[tokio::test]
async fn a_table_of_people_is_added() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let table = format!(
        "\u{feff}username,password,password_hash,is_active,must_change,email,groups,groups,room,is_staff\r\n\
         {},{},,,,ana@home.example,staff,library,\"[\"\"Attic 4\"\", 7, true]\",yes\r\n\
         ben,,\"{HASH}\",no,true,,,,,\r\n\
         \"zo\u{eb}\",,,,,,,,\"several\nlines\",\r\n",
        ANA.0, ANA.1
    );
    let (code, out, told) = desk.import(&table, &["--dry-run"]);
    let columns = "attributes: email, groups, room, is_staff\n";
    let would = format!("accounts that would be added: 3, changed: 0\n{columns}");
    assert_eq!((code, out, told.as_str()), (Some(0), would, ""));
    assert_eq!(house.count("account").await, 0);
    let (code, out, told) = desk.import(&table, &[]);
    assert_eq!(
        (code, out, told.as_str()),
        (Some(0), format!("accounts added: 3, changed: 0\n{columns}"), "")
    );
    Browser::at(&house).signs_in(ANA).await;
    let attributes = desk.json(&["show", "ana"])["attributes"].clone();
    let wanted = serde_json::json!({"email": ["ana@home.example"], "groups": ["staff", "library"], "room": ["Attic 4", 7, true], "is_staff": [true]});
    assert_eq!(attributes, wanted);
    let ben = found(&house, "ben").await;
    assert!(!ben.active && ben.must_change && hash(&house, "ben").await == HASH && ben.attributes.is_empty());
    let zoe = found(&house, "zo\u{eb}").await;
    assert!(
        zoe.active && !zoe.has_password() && zoe.attributes.first_text("room").unwrap() == "several\nlines"
    );
    let since = |name: &str| desk.json(&["show", name])["password_set"].clone();
    assert!(since("ana").is_string() && since("zo\u{eb}").is_null());
    let (code, out, told) = desk.import(&table, &[]);
    assert!(code == Some(1) && out.is_empty(), "{out}");
    assert!(
        told.contains("people.csv:2:1: there is an account ana already") && told.contains(":4:1: "),
        "{told}"
    );
}

/// Django wrote the bare digest once, and reads it with a mark before it too.
#[tokio::test]
async fn a_bare_digest_needs_its_mark() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let bare = "5ebe2294ecd0e0f08eab7690d2a6ee69";
    let (code, _, told) = desk.import(&format!("username,password_hash\nada,{bare}\n"), &[]);
    assert!(
        code == Some(1) && told.contains("people.csv:2:2: ") && told.contains("write `md5$$` before"),
        "{told}"
    );
    assert!(!told.contains(bare), "{told}");
    let (code, _, told) = desk.import(&format!("username,password_hash\nada,md5$${bare}\n"), &[]);
    assert_eq!((code, told.as_str()), (Some(0), ""));
    Browser::at(&house).signs_in(("ada", "secret")).await;
    assert!(hash(&house, "ada").await.starts_with("$argon2id$"), "it is stored in the form of today");
}

/// Spreadsheets of many countries part fields by semicolons.
#[tokio::test]
async fn a_table_is_parted_by_commas() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    for sign in [";", "\t"] {
        let (code, _, told) = desk.import(&format!("username{sign}email\nada{sign}ada@home.example\n"), &[]);
        assert_eq!(code, Some(1));
        assert!(
            told.contains("people.csv:1:1: ") && told.contains("commas") && told.lines().count() == 2,
            "{told}"
        );
    }
}

#[tokio::test]
async fn accounts_that_are_there_are_changed_on_demand() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let mut ana = account(ANA);
    ana.attributes.push("email", "old@home.example");
    ana.attributes.push("room", "Attic 4");
    ana.attributes.push("phone", "7");
    add(&house, ana).await;
    add(&house, account(BEN)).await;
    let (one, two) = (Browser::at(&house), Browser::at(&house));
    one.signs_in(ANA).await;
    two.signs_in(BEN).await;
    let before = hash(&house, "ana").await;
    let table = "username,email,room,is_active,password\nana,new@home.example,,,\nben,,,false,\ncleo,,,,copper kettle\n";
    let (code, out, _) = desk.import(table, &["--update"]);
    assert_eq!((code, out.as_str()), (Some(0), "accounts added: 1, changed: 2\nattributes: email, room\n"));
    let ana = found(&house, "ana").await;
    assert_eq!(ana.attributes.first_text("email").as_deref(), Some("new@home.example"));
    assert!(!ana.attributes.contains("room") && ana.attributes.contains("phone") && ana.active);
    assert_eq!(hash(&house, "ana").await, before);
    assert!(one.get("login").await.says("Signed in"), "nothing of the sign-in has changed");
    assert!(two.get("login").await.asks_password() && !found(&house, "ben").await.active);
    Browser::at(&house).signs_in(("cleo", "copper kettle")).await;
    let (_, out, _) = desk.import("username,password\nana,a new one for her\n", &["--update", "--no-slo"]);
    assert_eq!(out, "accounts added: 0, changed: 1\n");
    assert!(one.get("login").await.asks_password());
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_with_its_place_and_nothing_is_kept() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    for (table, places) in [
        ("", &[":1:1: there is no line with the names of the columns"][..]),
        ("name,email\nana,x\n", &[":1:1: the column `username` is missing"]),
        ("username,username\nana,ana\n", &[":1:2: this column is there twice"]),
        ("username,\nana,x\n", &[":1:2: an attribute needs a name"]),
        (
            "username,last_login,pwd\nana,x,y\n",
            &[":1:2: `last_login` is no attribute", ":1:3: no attribute is called `pwd`"],
        ),
        (
            "username,Passwrd\nana,hunter2\n",
            &[":1:2: no attribute is called `Passwrd` here: it looks like a password; clear text goes into"],
        ),
        (
            "username,passwort,hash\nana,hunter2,x\n",
            &[":1:2: no attribute is called", ":1:3: no attribute is called"],
        ),
        ("username,email\nana\nben,x,y\ncleo,z\n", &[":2:1: 1 fields, where", ":3:2: 3 fields, where"]),
        ("username\nana\na b\nana\n", &[":3:1: this is no user name", ":4:1: ana stands in line 2 too"]),
        ("username,password,password_hash\nana,secret word,{SSHA}AAAA\n", &[":2:3: a password and a hash"]),
        ("username,password_hash\nana,hunter2hunter2\n", &[":2:2: no password can be checked by this hash"]),
        (
            "username,must_change,is_active,is_staff\nana,perhaps,2,x\n",
            &[":2:2: this is true or false", ":2:3: this is", ":2:4: `is_staff`"],
        ),
        ("username,room\nana,\"[1,\"\"x\"\"\"\nben,\"[{}]\"\n", &[":3:2: a list is written in JSON"]),
    ] {
        let (code, out, told) = desk.import(table, &[]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{table}: {told}");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), places.len() + 1, "{table}: {told}");
        for (line, place) in lines.iter().zip(places) {
            assert!(line.contains(&format!("people.csv{place}")), "{table}: {line}");
        }
        for secret in ["secret word", "hunter2", "AAAA"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert_eq!(house.count("account").await, 0, "{table}");
    }
    let bytes = [b"username\n\xff\xfe\n".as_slice()].concat();
    std::fs::write(desk.0.path().join("b.csv"), bytes).unwrap();
    let (code, _, told) = desk.run(&["import", desk.0.path().join("b.csv").to_str().unwrap()]);
    assert!(code == Some(1) && told.contains("b.csv:2:1: this is not valid UTF-8"), "{told}");
    assert_eq!(desk.run(&["import", "/nowhere/people.csv"]).0, Some(3));
    let many = "username\n".to_owned() + &"a b\n".repeat(60);
    let (_, _, told) = desk.import(&many, &[]);
    assert!(told.lines().count() == 51 && told.contains("and 10 more; nothing was imported"), "{told}");
}

#[tokio::test]
async fn a_table_comes_by_standard_input_too() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let (code, out, _) = desk.run_with(&["import", "-"], "username,password\nana,copper kettle lantern\n");
    assert_eq!((code, out.as_str()), (Some(0), "accounts added: 1, changed: 0\n"));
    Browser::at(&house).signs_in(ANA).await;
    let (code, _, told) = desk.run_with(&["import", "-"], "username\na b\n");
    assert!(code == Some(1) && told.contains("standard input:2:1: "), "{told}");
}

#[tokio::test]
async fn columns_count_without_regard_to_case_and_are_named() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let mut ana = account(ANA);
    ana.attributes.push("EMAIL", "old@home.example");
    add(&house, ana).await;
    let file = desk.0.path().join("people.csv");
    std::fs::write(&file, "Username,Email,email\nana,a@home.example,b@home.example\n").unwrap();
    let done = desk.json(&["import", file.to_str().unwrap(), "--update"]);
    assert_eq!((&done["changed"], &done["attributes"]), (&1.into(), &serde_json::json!(["Email"])));
    let attributes = desk.json(&["show", "ana"])["attributes"].clone();
    assert_eq!(attributes, serde_json::json!({"Email": ["a@home.example", "b@home.example"]}));
}

#[tokio::test]
async fn what_is_odd_about_a_table_is_said() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let (code, out, told) = desk.import("username,email\n", &[]);
    assert!(code == Some(0) && out.starts_with("accounts added: 0, changed: 0\n"), "{out}");
    assert!(told.contains("there is nobody in the table"), "{told}");
    let (code, _, told) =
        desk.import("username,password\nana,short\nben,short\ncleo,long enough it is\n", &[]);
    assert!(code == Some(0) && told.contains("warning: passwords with fewer than 10 characters"), "{told}");
    assert!(
        told.contains(": 2, the first at ") && told.contains("people.csv:2\n") && !told.contains("short"),
        "{told}"
    );
}
