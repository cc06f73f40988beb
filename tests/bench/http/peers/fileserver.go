// peers/fileserver.go: the file server of Go's standard library, on one processor.
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	log.Fatal(http.ListenAndServe("0.0.0.0:"+os.Args[1], http.FileServer(http.Dir(os.Args[2]))))
}
