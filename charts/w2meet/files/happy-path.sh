# Two people, what they share, a suggestion, and the same as a job. The caller sets users, availability, suggestion and
# worker to the base URLs of the services.
# Where the services know each other by a secret, the caller sets secret_file; of several lines the first is sent.
secret=$(head -n 1 "${secret_file:-/dev/null}")

ask() {
  curl --silent --show-error --fail-with-body --max-time 15 --header 'Case-ID: helm-test' ${secret:+--header "W2Meet-Service: $secret"} "$@"
  echo
}

expect() {
  case $2 in
    *"$1"*) ;;
    *) echo "expected $1 in: $2" >&2; exit 1 ;;
  esac
}

json='Content-Type: application/json'
run=$(date +%s)
ada=ada-$run@example.com
bob=bob-$run@example.com

ask "$users/users" --header "$json" --data "{\"email\": \"$ada\", \"availabilities\": {\"monday\": [9, 10, 11]}}"
ask "$users/users" --header "$json" --data "{\"email\": \"$bob\", \"availabilities\": {\"monday\": [10, 11, 12]}, \"preferences\": \"last\"}"

person=$(ask "$users/user-avail/cache-aside?user1email=$ada")
expect '"monday":[9,10,11]' "$person"

shared=$(ask "$availability/availabilities?userId1=$ada&userId2=$bob")
expect '"monday":[10,11]' "$shared"

suggested=$(ask "$suggestion/suggestions?userId1=$ada&userId2=$bob")
expect '{"day":"monday","slot":[10,11]}' "$suggested"

ordered=$(ask "$worker/tasks" --header "$json" --data "{\"userId1\": \"$ada\", \"userId2\": \"$bob\", \"preference\": \"last\"}")
expect '"status":"enqueued"' "$ordered"
job=${ordered#*'"job_id":"'}
job=${job%%'"'*}

# A consumer may have to be started for it first.
for _ in $(seq 120); do
  state=$(ask "$worker/tasks/$job")
  case $state in
    *'"state":"succeeded"'*) echo "$state"; echo 'W2Meet works'; exit 0 ;;
    *'"state":"failed"'* | *'"state":"dead"'*) break ;;
  esac
  sleep 1
done
echo "the job was not done: $state" >&2
exit 1
