# The first page of a new installation: nobody can sign in yet.

operator-title = Nothing is set up yet
operator-heading = { $site } is running, but nobody can sign in yet
operator-lead = There is no institution, no local account and no service. Add them as files in { $folder }. They are read at once.
operator-provider = Add an institution
operator-provider-hint = Write this file and put in the address of its CAS server, without /login.
operator-service = Add a service
operator-service-hint = Write this file and put in the address of the application that sends people here.
operator-check = Then run this command. It names each mistake with its file and line.
