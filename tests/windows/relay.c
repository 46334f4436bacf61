/* Under wine: git.exe and sh.exe that run the Linux program of their own name, as far as the tests need it.
 * wine starts a Unix program but tells nothing of it, so the call, its output and its exit status go through
 * files. Drives are taken off the arguments, and put before the paths that `rev-parse` and `worktree` print.
 * A repository gets the settings that Git for Windows gives it, and its hooks are executable, as all files are
 * there. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static char folder[MAX_PATH];

/* The same text in UTF-8, as Linux has it. */
static char *utf8(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = malloc(size);
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    return text;
}

static const char *in_folder(const char *name)
{
    static char path[MAX_PATH];
    snprintf(path, sizeof path, "%s\\%s", folder, name);
    return path;
}

/* Gives each name the case that it has on the disk, as Git for Windows does: in Linux no other leads there. */
static void as_on_disk(wchar_t *path)
{
    WIN32_FIND_DATAW found;
    for (wchar_t *name = path + 3, *end; *name; name = end + (*end == '\\')) {
        wchar_t after;
        HANDLE search;
        for (end = name; *end && *end != '\\'; end++)
            ;
        after = *end;
        *end = 0;
        search = FindFirstFileW(path, &found);
        *end = after;
        if (search == INVALID_HANDLE_VALUE)
            return;
        FindClose(search);
        if ((ptrdiff_t)wcslen(found.cFileName) == end - name)
            wmemcpy(name, found.cFileName, end - name);
    }
}

/* Writes a word for the shell: `Z:\a\b` as `/a/b`. */
static void put_word(FILE *to, const char *word)
{
    char *copy = strdup(word), *at = strstr(copy, "Z:");
    if (!at)
        at = strstr(copy, "z:");
    if (at && (at == copy || at[-1] == '=') && (at[2] == '\\' || at[2] == '/')) {
        memmove(at, at + 2, strlen(at + 2) + 1);
        for (; *at; at++)
            if (*at == '\\')
                *at = '/';
    }
    fputc('\'', to);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            fputs("'\\''", to);
        else
            fputc(*c, to);
    fputc('\'', to);
    free(copy);
}

static void pass_on(HANDLE from, HANDLE to)
{
    char bytes[65536];
    DWORD read, written;
    while (ReadFile(from, bytes, sizeof bytes, &read, NULL) && read)
        WriteFile(to, bytes, read, &written, NULL);
}

static void pass_on_file(const char *name, DWORD to)
{
    HANDLE file = CreateFileA(in_folder(name), GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    pass_on(file, GetStdHandle(to));
    CloseHandle(file);
}

static void keep_input(int argc, char **argv)
{
    HANDLE file = CreateFileA(in_folder("in"), GENERIC_WRITE, 7, NULL, CREATE_ALWAYS, 0, NULL);
    int wanted = 0;
    /* Others may be started with an input that never ends. */
    for (int i = 1; i < argc; i++)
        wanted |= strstr(argv[i], "--stdin") || strstr(argv[i], "--batch") || !strcmp(argv[i], "-")
            || !strcmp(argv[i], "-F-") || !strcmp(argv[i], "mktree") || !strcmp(argv[i], "apply")
            || !strcmp(argv[i], "update-index") || !strcmp(argv[i], "fast-import") || !strcmp(argv[i], "show-index")
            || !strcmp(argv[i], "pack-objects") || !strcmp(argv[i], "index-pack") || !strcmp(argv[i], "-p");
    if (wanted)
        pass_on(GetStdHandle(STD_INPUT_HANDLE), file);
    CloseHandle(file);
}

/* Whether a variable is handed over by us: wine leaves some out, and names files as Windows does. */
static int is_passed_on(const char *entry, const char *value)
{
    const char *names[] = { "GIT_", "HOME=", "TZ=", "LC_ALL=", "EDITOR=" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strncmp(entry, names[i], strlen(names[i])))
            return 1;
    return !strncmp(value, "Z:\\", 3) && !strchr(value, ';');
}

static void write_script(const char *program, int argc, char **argv)
{
    wchar_t here[MAX_PATH];
    int is_git = !strcmp(program, "git");
    FILE *to = fopen(in_folder("script"), "wb");
    GetCurrentDirectoryW(MAX_PATH, here);
    as_on_disk(here);
    fputs("cd ", to);
    put_word(to, utf8(here));
    fputs("\nd=${0%/*}\n", to);
    for (wchar_t *at = GetEnvironmentStringsW(); *at; at += wcslen(at) + 1) {
        char *entry = utf8(at), *value = strchr(entry, '=');
        if (!value || value == entry || !is_passed_on(entry, value + 1))
            continue;
        fprintf(to, "export %.*s=", (int)(value - entry), entry);
        put_word(to, value + 1);
        fputc('\n', to);
    }
    if (is_git)
        fputs("h=$(git rev-parse --git-path hooks 2>/dev/null) && for f in \"$h\"/*; do\n"
              "case $f in *.sample) ;; *) [ -x \"$f\" ] || chmod -f +x \"$f\" ;; esac; done\n", to);
    else if (argc > 3 && !strcmp(argv[1], "-c")) {
        fputs("chmod -f +x ", to);
        put_word(to, argv[3]);
        fputc('\n', to);
    }
    fprintf(to, "%s", program);
    for (int i = 1; i < argc; i++) {
        fputc(' ', to);
        put_word(to, argv[i]);
    }
    fputs(" <\"$d/in\" >\"$d/out\" 2>\"$d/err\"\ns=$?\n", to);
    if (is_git && argc > 1 && !strcmp(argv[1], "init"))
        fputs("for k in fileMode symlinks; do git config core.$k false; done\n"
              "git config core.ignoreCase true\n", to);
    for (int i = 1; is_git && i < argc; i++)
        if (!strcmp(argv[i], "rev-parse"))
            fputs("sed -i 's,^/,Z:/,' \"$d/out\"\n", to);
        else if (!strcmp(argv[i], "worktree"))
            fputs("sed -i -z 's,^worktree /,worktree Z:/,' \"$d/out\"\n", to);
    fputs("echo $s >\"$d/status.new\"; mv \"$d/status.new\" \"$d/status\"\n", to);
    fclose(to);
}

static int start_script(void)
{
    char line[MAX_PATH + 16];
    STARTUPINFOA startup = { sizeof startup };
    PROCESS_INFORMATION process = { 0 };
    snprintf(line, sizeof line, "/bin/sh %s/script", folder + 2);
    for (char *c = line; *c; c++)
        if (*c == '\\')
            *c = '/';
    return CreateProcessA("Z:\\bin\\sh", line, NULL, NULL, FALSE, 0, NULL, "Z:\\", &startup, &process);
}

int wmain(int argc, wchar_t **wide)
{
    const char *files[] = { "in", "out", "err", "status", "script" };
    char own[MAX_PATH], *program;
    int status = 1;
    FILE *ended;
    char **argv = malloc(argc * sizeof *argv);
    for (int i = 0; i < argc; i++)
        argv[i] = utf8(wide[i]);
    snprintf(folder, sizeof folder, "Z:\\tmp\\git-bak-relay.%lu.%lu", GetCurrentProcessId(), GetTickCount());
    CreateDirectoryA(folder, NULL);
    GetModuleFileNameA(NULL, own, sizeof own);
    program = strrchr(own, '\\') + 1;
    *strrchr(program, '.') = 0;
    keep_input(argc, argv);
    write_script(program, argc, argv);
    if (!start_script()) {
        fprintf(stderr, "%s: no Linux program could be started (error %lu)\n", program, GetLastError());
        return 127;
    }
    while (GetFileAttributesA(in_folder("status")) == INVALID_FILE_ATTRIBUTES)
        Sleep(3);
    ended = fopen(in_folder("status"), "rb");
    if (fscanf(ended, "%d", &status) != 1)
        status = 1;
    fclose(ended);
    pass_on_file("out", STD_OUTPUT_HANDLE);
    pass_on_file("err", STD_ERROR_HANDLE);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        DeleteFileA(in_folder(files[i]));
    RemoveDirectoryA(folder);
    return status;
}
