{{/*
Where paths go, all to the public ports, where a service answers under its prefix alone. `/health` is the gateway's own:
it says `ok` on the public port of every service, and is asked of the one that needs nothing to be ready. What no route has
goes to the default backend, which answers what is meant for the root, and all else with a 404 in the shape of all errors.
*/}}
{{- define "w2meet.routes" -}}
routes:
  - { path: /users, exact: false, service: user-service }
  - { path: /availability, exact: false, service: availability-service }
  - { path: /suggestion, exact: false, service: suggestion-service }
  - { path: /worker, exact: false, service: worker-service }
  - { path: /health, exact: true, service: availability-service }
  - { path: /, exact: false, service: user-service }
{{- end -}}
