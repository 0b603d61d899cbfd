from helpers.server.app import main

main()
