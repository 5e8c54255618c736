//! The program `local-platform dev`, on the real services.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

struct Dev {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// The lines up to the one that says how to stop it.
    table: Vec<String>,
}

impl Dev {
    fn start(directory: &Path) -> Dev {
        let port = testkit::free_port().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-platform"))
            .args(["dev", "--port", &port.to_string(), "--dir"])
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let table =
            output.by_ref().map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C")).collect();
        Dev { child, output, table }
    }

    fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.output.by_ref().for_each(drop);
        self.child.wait().unwrap().code()
    }

    /// The addresses in the table, the operations ports among them.
    fn ports(&self) -> Vec<u16> {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let ports = self.table.iter().flat_map(|line| line.split("127.0.0.1:").skip(1));
        ports.map(|behind| digits(behind).parse().unwrap()).collect()
    }
}

fn post_a_job(gateway: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", gateway)).unwrap();
    let body = r#"{"userId1": "ada@example.com", "userId2": "bob@example.com"}"#;
    write!(
        stream,
        "POST /worker/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 202"), "{reply}");
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn runs_everything_on_one_directory_and_stops_it_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Dev::start(directory.path());
    let ports = first.ports();
    assert_eq!(ports.len(), 2 + 6 * 2 + 4, "{:#?}", first.table);
    assert!(ports.iter().copied().all(answers));

    post_a_job(ports[0]);
    let mut told = first.output.by_ref().take(100).map(Result::unwrap);
    assert!(told.any(|line| line.contains("worker-service-consumer-1 is ready")), "no worker has come");

    let mut second = Dev::start(directory.path());
    assert_eq!(second.exit_code(), Some(1), "two on the same data");

    first.interrupt();
    assert_eq!(first.exit_code(), Some(0));
    assert!(!ports.into_iter().any(answers), "something goes on");

    let mut again = Dev::start(directory.path());
    assert!(again.ports().into_iter().all(answers));
    again.interrupt();
    assert_eq!(again.exit_code(), Some(0));
}

#[test]
fn ends_with_a_failure_when_a_service_dies() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(directory.path());
    let (ports, log) = (dev.ports(), directory.path().join("logs/suggestion-service.log"));
    assert!(log.is_file(), "{:#?}", dev.table);
    kill_process(pid_of_suggestion_service(&dev.child), Signal::KILL).unwrap();
    assert_eq!(dev.exit_code(), Some(1));
    assert!(!ports.into_iter().any(answers), "something goes on");
}

fn pid_of_suggestion_service(parent: &Child) -> Pid {
    // Of the program's name the kernel keeps 15 characters; behind it stand the state and the parent's id.
    let wanted = |stat: &str| {
        let behind_name = stat.split_once(" (suggestion-serv) ")?.1;
        behind_name.split(' ').nth(1).filter(|id| *id == parent.id().to_string())?;
        Pid::from_raw(stat.split(' ').next()?.parse().ok()?)
    };
    let mut processes = fs::read_dir("/proc").unwrap().flatten();
    processes.find_map(|entry| wanted(&fs::read_to_string(entry.path().join("stat")).ok()?)).unwrap()
}
