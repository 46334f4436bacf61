/* bcryptprimitives.dll for a wine that has none (before 9): Rust's standard library takes one call from it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    while (length) {
        ULONG some = length > 1 << 20 ? 1 << 20 : (ULONG)length;
        if (!SystemFunction036(bytes, some))
            return FALSE;
        bytes += some;
        length -= some;
    }
    return TRUE;
}
