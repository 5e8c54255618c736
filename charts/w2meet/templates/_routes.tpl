{{/*
Where paths go. A path keeps its prefix: the services answer under their own. `/health` says `ok` on the second port of
the service that stands in for the gateway; it also answers every path that has no route, with a 404 in the shape of
all errors.
*/}}
{{- define "w2meet.routes" -}}
routes:
  - { path: /users, exact: false, service: user-service, port: http }
  - { path: /availability, exact: false, service: availability-service, port: http }
  - { path: /suggestion, exact: false, service: suggestion-service, port: http }
  - { path: /worker, exact: false, service: worker-service, port: http }
  - { path: /health, exact: true, service: availability-service, port: ops }
  - { path: /, exact: false, service: availability-service, port: http }
{{- end -}}
