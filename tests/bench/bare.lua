-- The fixed `GET /` of wrk, which costs it least. From the environment: BENCH_DIR, this folder.
dofile(os.getenv("BENCH_DIR") .. "/result.lua")
