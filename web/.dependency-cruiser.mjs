// The console's arrows: app -> features -> ui, lib. Features never import features.

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: {
        circular: true,
        dependencyTypesNot: ['dynamic-import'],
        viaOnly: { dependencyTypesNot: ['dynamic-import', 'type-only'] },
      },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'web-imports-contracts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '(^|/)(packages|services)/', pathNot: '(^|/)packages/contracts/' },
    },
    {
      name: 'features-stand-alone',
      comment: 'What two features need goes to lib or ui; what joins them is a page of app.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/(features|app)/', pathNot: '^src/features/$1/' },
    },
    {
      name: 'ui-knows-no-feature',
      severity: 'error',
      from: { path: '^src/(ui|lib)/' },
      to: { path: '^src/(app|features)/' },
    },
    {
      name: 'lib-knows-no-ui',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/ui/' },
    },
    {
      name: 'heavy-libraries-load-late',
      comment:
        'Editors and charts are chunks of their own: each library has one importer, which is imported lazily.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ui/(editor|chart|graph|tiles)/' },
      to: { path: 'node_modules/(echarts|@codemirror|@xyflow|@dagrejs|react-grid-layout)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default', 'types'],
      extensions: ['.tsx', '.ts', '.mjs', '.js'],
    },
  },
}
