//! What an operator is told who tries a back-end.

use insta::assert_snapshot;
use passerelle::auth::{Authenticator, Steps, Went};

use crate::support::authority::{Authority, Paper};

use super::lost::behind;
use super::{BackEnd, PASSWORD, Server, told};

#[tokio::test]
async fn steps_of_a_sign_in() {
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        for (name, password, seen) in [
            (
                "ada",
                PASSWORD,
                "query: 1 row\ncolumns: username, password, login, pw, mail, room, pw_copy, absent\nattributes: login, mail, room\npassword: $argon2id$: right",
            ),
            ("nobody", PASSWORD, "query: no row"),
            ("twin", PASSWORD, "query: several rows"),
        ] {
            let steps = Steps::kept();
            back_end.sql.check(name, &password.into(), &steps).await.unwrap();
            let failed: Vec<_> = steps.list().into_iter().filter(|step| step.went == Went::Badly).collect();
            match name {
                "ada" => assert!(failed.is_empty(), "{failed:?}"),
                "twin" => assert!(failed.len() == 1 && failed[0].hint.is_some(), "{failed:?}"),
                _ => assert!(failed.len() == 1 && failed[0].what == "query", "{failed:?}"),
            }
            let told = told(&steps);
            let (first, rest) = told.split_once('\n').unwrap();
            assert!(first.starts_with("connect: "), "{told}");
            assert_eq!(rest, seen, "{}", server.url());
        }
    }
}

#[tokio::test]
async fn a_trial_without_a_name() {
    for server in Server::with_people().await {
        let (said, told) = server.back_end("").probe().await;
        assert_eq!(said, "fine", "{}", server.url());
        assert!(
            told.contains("columns: username, password, login, pw, mail, room, pw_copy, absent"),
            "{told}"
        );
        assert!(told.contains("query: no row"), "{told}");
        for (query, words) in [
            ("SELECT login, pw AS password FROM people WHERE login = ?", "no column `username`"),
            ("SELECT login AS username FROM people WHERE login = ?", "no column `password`"),
            ("SELECT login AS username, pw AS password FROM persons WHERE login = ?", "persons"),
            ("SELECT login AS username, pw AS password FROM people WHERE uid = ?", "uid"),
            ("SELEKT login AS username, pw AS password FROM people WHERE login = ?", "syntax"),
        ] {
            let back_end = server.back_end(&format!("query = \"{query}\""));
            let (said, _) = back_end.probe().await;
            assert!(said.contains(words), "{} {said}", server.url());
            // Somebody who signs in then is not told that the password is wrong.
            assert!(back_end.check("ada", PASSWORD).await.starts_with("down: "), "{}", server.url());
        }
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_told() {
    for server in Server::with_people().await {
        match &server {
            Server::Postgres(url) => {
                let said = BackEnd::at(&url.replace("user=postgres", "user=stranger"), "").probe().await.0;
                assert!(said.ends_with("role \"stranger\" does not exist (error 28000)"), "{said}");
                let said = BackEnd::at(&url.replace("postgres:///t", "postgres:///none"), "").probe().await.0;
                assert!(said.contains("does not exist (error 3D000)"), "{said}");
                let (_relay, plain) = behind(&server).await.unwrap();
                let said = BackEnd::at(&plain.replace("disable", "require"), "").probe().await.0;
                assert!(said.contains("TLS"), "{said}");
                server.run("CREATE ROLE reader LOGIN").await;
                let said = BackEnd::at(&url.replace("user=postgres", "user=reader"), "").probe().await.0;
                assert!(said.ends_with("permission denied for table people (error 42501)"), "{said}");
            }
            Server::Maria(maria, _) => {
                let (_relay, url) = behind(&server).await.unwrap();
                assert_eq!(BackEnd::at(&url, "").probe().await.0, "fine");
                let said = BackEnd::at(&url.replace("Fern%2BMoss", "Moss%2BFern"), "").probe().await.0;
                assert!(said.contains("Access denied for user") && !said.contains("Fern"), "{said}");
                // Whoever looks at certificates looks at that of the server.
                let (ours, other) = (maria.ca_file(), Authority::new(Paper::Good));
                for (options, seen) in [
                    ("ssl-mode=REQUIRED".to_owned(), "fine"),
                    ("ssl-mode=DISABLED".to_owned(), "fine"),
                    (format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={}", ours.display()), "fine"),
                    (format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={}", other.ca_file().display()), "certificate"),
                    ("ssl-mode=VERIFY_CA".to_owned(), "certificate"),
                ] {
                    let said = BackEnd::at(&format!("{url}?{options}"), "").probe().await.0;
                    assert!(said.contains(seen), "{options} {said}");
                }
                let said = BackEnd::at(&format!("{url}none"), "").probe().await.0;
                assert!(said.contains("(error 1049)"), "{said}");
            }
            Server::Sqlite(_) => {
                for nowhere in ["postgres:///d?host=/nowhere", "mysql:///d?socket=/nowhere"] {
                    let said = BackEnd::at(nowhere, "").probe().await.0;
                    assert!(
                        said.contains("a socket or a file of certificates that `url` names does not exist"),
                        "{said}"
                    );
                }
                let said = BackEnd::at("sqlite:/nowhere/people.db", "").probe().await.0;
                assert_snapshot!(said, @"sqlite:/nowhere/people.db: unable to open database file (error 14)");
            }
        }
    }
}
